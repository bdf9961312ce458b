// SPDX-License-Identifier: BSD-3-Clause
/*
 * The options ip= and ip6=: a word, or an address and what belongs to it. Nothing
 * of the stack is up yet.
 */
#include "core/lib.h"
#include "core/net/inet/config.h"
#include "core/socket.h"

enum { CONFIGS = 8, BITS4 = 32, BITS6 = 64 };

/* The first is for all. */
static struct eft_inet_config configs[1 + CONFIGS];

static struct eft_inet_config *config_of(const char *name, bool add)
{
	unsigned i;

	for (i = 1; i < eft_array_size(configs); i++) {
		if (configs[i].name == NULL)
			break;
		if (eft_strcmp(configs[i].name, name) == 0)
			return &configs[i];
	}
	if (!add || i == eft_array_size(configs))
		return NULL;
	configs[i].name = name;
	return &configs[i];
}

const struct eft_inet_settings *eft_inet_settings(const char *name, bool six)
{
	const struct eft_inet_config *own = config_of(name, false);
	const struct eft_inet_settings *settings = NULL;

	if (own != NULL)
		settings = six ? &own->six : &own->four;
	if (settings != NULL && settings->given)
		return settings;
	return six ? &configs[0].six : &configs[0].four;
}

static bool read_address(const char *text, bool six, ip_addr_t *ret_address)
{
	if (six) {
		IP_SET_TYPE(ret_address, IPADDR_TYPE_V6);
		return ip6addr_aton(text, ip_2_ip6(ret_address)) != 0;
	}
	IP_SET_TYPE(ret_address, IPADDR_TYPE_V4);
	return ip4addr_aton(text, ip_2_ip4(ret_address)) != 0;
}

/* Cut (text) at the first (end); what follows, or NULL. */
static char *cut(char *text, char end)
{
	for (; *text != '\0'; text++) {
		if (*text == end) {
			*text = '\0';
			return text + 1;
		}
	}
	return NULL;
}

static bool read_word(struct eft_inet_settings *settings, const char *word,
		      bool six)
{
	if (eft_starts_with(word, "gw="))
		return read_address(word + 3, six, &settings->gateway);
	if (!eft_starts_with(word, "dns=") ||
	    settings->servers_count == EFT_INET_SERVERS)
		return false;
	return read_address(word + 4, six,
			    &settings->servers[settings->servers_count++]);
}

/* lwIP takes an IPv6 network of our own to have 64 bits (RFC 4291 §2.5.4). */
static bool read_fixed(struct eft_inet_settings *settings, char *value,
		       bool six)
{
	char *more = cut(value, ',');
	char *length = cut(value, '/');
	uint64_t bits;

	if (length == NULL || eft_parse_u64(length, false, &bits) != 0 ||
	    bits == 0 || (six ? bits != BITS6 : bits > BITS4) ||
	    !read_address(value, six, &settings->address))
		return false;
	settings->mode = EFT_INET_FIXED;
	settings->prefix_bits = bits;
	while (more != NULL) {
		char *word = more;

		more = cut(word, ',');
		if (!read_word(settings, word, six))
			return false;
	}
	return true;
}

bool eft_inet_option(const char *key, char *value)
{
	bool six = eft_starts_with(key, "ip6");
	const char *rest = key + (six ? 3 : 2);
	struct eft_inet_settings settings = {.given = true};
	struct eft_inet_config *config = &configs[0];

	if (!eft_starts_with(key, "ip") || (*rest != '\0' && *rest != '.'))
		return false;
	if (*rest == '.')
		config = rest[1] != '\0' ? config_of(rest + 1, true) : NULL;
	if (config == NULL)
		return false;
	if (eft_strcmp(value, "none") == 0)
		settings.mode = EFT_INET_NONE;
	else if (eft_strcmp(value, six ? "auto" : "dhcp") != 0 &&
		 !read_fixed(&settings, value, six))
		return false;
	*(six ? &config->six : &config->four) = settings;
	return true;
}
