// SPDX-License-Identifier: BSD-3-Clause
/*
 * regcomp() and regexec(): basic and extended expressions, matches and
 * their places, and errors in expressions.
 */
#define _GNU_SOURCE
#include <regex.h>

#include "tap.h"

static int matches(const char *pattern, int flags, const char *text)
{
	regex_t regex;
	int result;

	need(regcomp(&regex, pattern, flags | REG_NOSUB) == 0);
	result = regexec(&regex, text, 0, NULL, 0);
	regfree(&regex);
	return result == 0;
}

static void matching(void)
{
	ok(matches("^a.*z$", 0, "a to z"), "basic");
	ok(!matches("^a.*z$", 0, "a to y"), "which does not match");
	ok(matches("a\\{3\\}", 0, "baaab") && !matches("a\\{3\\}", 0, "aa"),
	   "an interval");
	ok(matches("(ab|cd)+x?", REG_EXTENDED, "abcdab"), "extended");
	ok(matches("^[[:digit:]]+$", REG_EXTENDED, "12345") &&
		   !matches("^[[:digit:]]+$", REG_EXTENDED, "12a45"),
	   "a class");
	ok(matches("[^a-c]", 0, "abcd") && !matches("[^a-c]", 0, "abc"),
	   "what is not in a set");
	ok(matches("HELLO", REG_ICASE, "say hello"), "letter case left out");
	ok(matches("^two$", REG_NEWLINE, "one\ntwo\nthree") &&
		   !matches("^two$", 0, "one\ntwo\nthree"),
	   "lines");
	ok(matches("\\(a*\\)b\\1", 0, "aabaa"), "a back reference");
}

static void places(void)
{
	regmatch_t at[4];
	regex_t regex;

	need(regcomp(&regex, "([a-z]+)=([0-9]+)(;)?", REG_EXTENDED) == 0);
	ok(regex.re_nsub == 3, "three groups");
	ok(regexec(&regex, "  key=123 ", 4, at, 0) == 0, "a match");
	ok(at[0].rm_so == 2 && at[0].rm_eo == 9, "its place");
	ok(at[1].rm_so == 2 && at[1].rm_eo == 5 && at[2].rm_so == 6 &&
		   at[2].rm_eo == 9,
	   "its groups'");
	ok(at[3].rm_so == -1, "one that took no part");
	ok(regexec(&regex, "none", 4, at, 0) == REG_NOMATCH, "no match");
	regfree(&regex);
	need(regcomp(&regex, "a|ab|abc", REG_EXTENDED) == 0);
	ok(regexec(&regex, "xabcd", 1, at, 0) == 0 && at[0].rm_so == 1 &&
		   at[0].rm_eo == 4,
	   "the leftmost and longest");
	regfree(&regex);
}

static void errors(void)
{
	regex_t regex;
	char text[128];

	ok(regcomp(&regex, "(a", REG_EXTENDED) == REG_EPAREN, "a parenthesis");
	ok(regcomp(&regex, "[a", 0) == REG_EBRACK, "a bracket");
	ok(regcomp(&regex, "a\\{2,1\\}", 0) == REG_BADBR, "an interval");
	ok(regerror(REG_EPAREN, NULL, text, sizeof(text)) > 1 && text[0],
	   "an error's text");
}

int main(void)
{
	matching();
	places();
	errors();
	return done();
}
