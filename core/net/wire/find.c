// SPDX-License-Identifier: BSD-3-Clause
/*
 * The device that the option net= names, of a process.
 */
#include "core/mem.h"
#include "core/net/wire/wire.h"
#include "core/random.h"

/* Where passt listens for the first of its clients (passt(1), --socket). */
static const char passt_path[] = "/tmp/passt_1.socket";

static const char *begin(struct eft_wire *wire,
			 const struct eft_wire_choice *choice)
{
	const char *name = choice->name;

	if (eft_strcmp(choice->kind, "tap") == 0)
		return eft_wire_begin_tap(wire, name);
	if (eft_strcmp(choice->kind, "unix") == 0)
		return eft_wire_begin_stream(wire, name, true);
	if (eft_strcmp(choice->kind, "passt") == 0)
		return eft_wire_begin_stream(
			wire, name[0] != '\0' ? name : passt_path, false);
	return "it is host, none, tap:NAME, unix:PATH, passt or passt:PATH";
}

static bool is_zero(const uint8_t *address)
{
	unsigned any = 0;

	for (unsigned i = 0; i < EFT_NET_ADDRESS_BYTES; i++)
		any |= address[i];
	return any == 0;
}

/* Without mac= one that is locally administered (IEEE 802, 8.2), by chance. */
static void set_facts(struct eft_wire *wire,
		      const struct eft_wire_choice *choice)
{
	uint8_t *address = wire->net.address;

	__builtin_memcpy(address, choice->address, EFT_NET_ADDRESS_BYTES);
	if (is_zero(address)) {
		eft_random(address, EFT_NET_ADDRESS_BYTES);
		address[0] = (address[0] & ~1u) | 2;
	}
	wire->net.mtu = choice->mtu;
	eft_strlcpy(wire->name, choice->kind, sizeof(wire->name));
	if (choice->name[0] != '\0') {
		size_t len = eft_strlen(wire->name);

		wire->name[len] = ':';
		eft_strlcpy(wire->name + len + 1, choice->name,
			    sizeof(wire->name) - len - 1);
	}
	wire->net.device.name = wire->name;
}

/* A file that cannot be written keeps nobody from the net. */
static struct eft_net *with_file(struct eft_net *net)
{
	struct eft_net *front = NULL;

	if (eft_net_pcap == NULL)
		return net;
	front = eft_pcap_wrap(net, eft_net_pcap);
	if (!front)
		eft_log(EFT_LOG_ERROR, "net.pcap=%s: it cannot be made",
			eft_net_pcap);
	return front ? front : net;
}

static bool is_ours(const char *value)
{
	return value != NULL && eft_strcmp(value, "host") != 0 &&
	       eft_strcmp(value, "none") != 0;
}

void eft_wire_find_net(struct eft_device_class *class)
{
	struct eft_wire_choice choice;
	struct eft_wire *wire;
	const char *why;

	if (!is_ours(eft_net_choice) || eft_plat_host_wires() == NULL)
		return;
	wire = eft_alloc(sizeof(*wire));
	why = wire ? eft_wire_parse(eft_net_choice, &choice) : "no memory";
	if (!why) {
		eft_wire_init(wire);
		set_facts(wire, &choice);
		why = begin(wire, &choice);
	}
	if (!why) {
		eft_device_add(class, &with_file(&wire->net)->device);
		return;
	}
	eft_log(EFT_LOG_ERROR, "net=%s: %s", eft_net_choice, why);
	eft_free(wire);
}
