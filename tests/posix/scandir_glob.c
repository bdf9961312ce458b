// SPDX-License-Identifier: BSD-3-Clause
/*
 * Walking trees: scandir() sorts and selects, glob() and fnmatch() match
 * patterns, nftw() visits everything once.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fnmatch.h>
#include <ftw.h>
#include <glob.h>

#include "files.h"
#include "tap.h"

static int no_dots(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void scan(void)
{
	struct dirent **entries = NULL;
	int count = scandir("tree", &entries, no_dots, alphasort);

	ok(count == 4, "scandir selects four entries");
	need(count == 4);
	ok(!strcmp(entries[0]->d_name, "a.c") &&
		   !strcmp(entries[1]->d_name, "b.c") &&
		   !strcmp(entries[2]->d_name, "c.h") &&
		   !strcmp(entries[3]->d_name, "sub"),
	   "in order");
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	fails(scandir("missing", &entries, NULL, alphasort), ENOENT,
	      "a missing directory");
}

static void patterns(void)
{
	glob_t found;

	ok(glob("tree/*.c", 0, NULL, &found) == 0 && found.gl_pathc == 2 &&
		   !strcmp(found.gl_pathv[0], "tree/a.c") &&
		   !strcmp(found.gl_pathv[1], "tree/b.c"),
	   "glob of a star");
	globfree(&found);
	ok(glob("tree/[bc].?", 0, NULL, &found) == 0 && found.gl_pathc == 2,
	   "of a set");
	globfree(&found);
	ok(glob("*/*/d.c", 0, NULL, &found) == 0 && found.gl_pathc == 1 &&
		   !strcmp(found.gl_pathv[0], "tree/sub/d.c"),
	   "over directories");
	globfree(&found);
	ok(glob("tree/*", GLOB_MARK, NULL, &found) == 0 &&
		   found.gl_pathc == 4 &&
		   !strcmp(found.gl_pathv[3], "tree/sub/"),
	   "GLOB_MARK");
	globfree(&found);
	ok(glob("tree/*.x", 0, NULL, &found) == GLOB_NOMATCH, "no match");
	globfree(&found);
	ok(glob("tree/*.x", GLOB_NOCHECK, NULL, &found) == 0 &&
		   !strcmp(found.gl_pathv[0], "tree/*.x"),
	   "GLOB_NOCHECK");
	globfree(&found);
}

static void matching(void)
{
	ok(fnmatch("*.c", "file.c", 0) == 0, "fnmatch of a star");
	ok(fnmatch("*.c", "file.h", 0) == FNM_NOMATCH, "which does not match");
	ok(fnmatch("[!a-f]?", "xy", 0) == 0, "of a set");
	ok(fnmatch("*", "a/b", FNM_PATHNAME) == FNM_NOMATCH, "FNM_PATHNAME");
	ok(fnmatch("*", ".hidden", FNM_PERIOD) == FNM_NOMATCH, "FNM_PERIOD");
	ok(fnmatch("\\*", "*", 0) == 0 && fnmatch("\\*", "x", 0) != 0,
	   "a quoted star");
}

static int files, directories, links, after;

static int visit(const char *path, const struct stat *st, int type,
		 struct FTW *place)
{
	(void)path;
	(void)st;
	files += type == FTW_F;
	directories += type == FTW_D;
	links += type == FTW_SL;
	after += type == FTW_DP && place->level <= 1;
	return 0;
}

static void walking(void)
{
	ok(nftw("tree", visit, 8, FTW_PHYS) == 0, "nftw");
	ok(files == 5 && directories == 2 && links == 1,
	   "visits 5 files, 2 directories and a link");
	ok(nftw("tree", visit, 8, FTW_PHYS | FTW_DEPTH) == 0 && after == 2,
	   "FTW_DEPTH visits directories after");
	fails(nftw("missing", visit, 8, 0), ENOENT, "a missing tree");
}

int main(void)
{
	need(mkdir("tree", 0700) == 0 && mkdir("tree/sub", 0700) == 0);
	put_text("tree/c.h", "");
	put_text("tree/b.c", "");
	put_text("tree/a.c", "");
	put_text("tree/.hidden", "");
	put_text("tree/sub/d.c", "");
	need(symlink("../a.c", "tree/sub/sym") == 0);
	scan();
	patterns();
	matching();
	walking();
	return done();
}
