// SPDX-License-Identifier: BSD-3-Clause
/*
 * AF_UNIX names, and the table of the sockets that are bound to them.
 *
 * A path is known by its node, an abstract name (its first byte is 0) by its
 * bytes and the type of the socket.
 */
#include "core/log.h"
#include "core/mem.h"
#include "core/net/unix/unix.h"

/* Whoever calls bind() or connect() names them (see eft_needs). */
#pragma weak eft_unix_path_make
#pragma weak eft_unix_path_find

enum {
	BUCKETS = 64,
	FAMILY_BYTES = sizeof(uint16_t),
	AUTOBIND_NAMES = 1 << 20, /* five hexadecimal digits */
};

static struct {
	struct eft_lock lock;
	struct eft_unix *buckets[BUCKETS]; /* owned by lock */
} table = {.lock = EFT_LOCK_INIT(EFT_RANK_SOCKET_NAMES)};

static struct eft_mutex binding = EFT_MUTEX_INIT(binding, EFT_RANK_BINDING);

struct eft_unix_name *eft_unix_name_get(struct eft_unix_name *name)
{
	__atomic_fetch_add(&name->references, 1, __ATOMIC_RELAXED);
	return name;
}

void eft_unix_name_put(struct eft_unix_name *name)
{
	if (name != NULL &&
	    __atomic_fetch_sub(&name->references, 1, __ATOMIC_ACQ_REL) == 1)
		eft_free(name);
}

struct eft_unix_name *eft_unix_name_of(struct eft_unix *self)
{
	struct eft_unix_name *name = NULL;

	eft_lock(&self->lock);
	if (self->name != NULL)
		name = eft_unix_name_get(self->name);
	eft_unlock(&self->lock);
	return name;
}

/*
 * The table.
 */

struct key {
	uint64_t hash;
	int type; /* of an abstract name */
	const struct eft_socket_name *name;
	struct eft_unix_place place;
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
	return (hash ^ value) * UINT64_C(0x100000001b3); /* FNV-1a's prime */
}

static struct key abstract_key(const struct eft_socket_name *name, int type)
{
	struct key key = {.hash = (uint64_t)type, .type = type, .name = name};

	for (unsigned i = 0; i < name->len - FAMILY_BYTES; i++)
		key.hash = mix(key.hash, (unsigned char)name->data[i]);
	return key;
}

static struct key path_key(const struct eft_unix_place *place)
{
	uint64_t hash = mix(mix(0, place->dev), place->ino);

	return (struct key){.hash = hash, .place = *place};
}

static bool is_abstract(const struct eft_socket_name *name)
{
	return name->data[0] == '\0';
}

static bool has_key(const struct eft_unix *self, const struct key *key)
{
	const struct eft_socket_name *name = &self->name->name;

	if (self->key != key->hash)
		return false;
	if (key->name == NULL)
		return self->place.fs == key->place.fs &&
		       self->place.dev == key->place.dev &&
		       self->place.ino == key->place.ino;
	return self->place.fs == NULL && self->socket.type == key->type &&
	       name->len == key->name->len &&
	       memcmp(name->data, key->name->data, name->len - FAMILY_BYTES) ==
		       0;
}

static struct eft_unix *find_locked(const struct key *key)
{
	struct eft_unix *at = table.buckets[key->hash % BUCKETS];

	while (at != NULL && !has_key(at, key))
		at = at->next_bound;
	return at;
}

static struct eft_unix *find(const struct key *key)
{
	struct eft_unix *found;

	eft_lock(&table.lock);
	found = find_locked(key);
	if (found != NULL)
		eft_unix_get(found);
	eft_unlock(&table.lock);
	return found;
}

/* Give (self) its (name), which is taken in any case. -EADDRINUSE */
static int add(struct eft_unix *self, struct eft_unix_name *name,
	       const struct key *key)
{
	struct eft_unix **bucket = &table.buckets[key->hash % BUCKETS];
	int error = 0;

	eft_lock(&table.lock);
	if (find_locked(key) != NULL) {
		error = -EADDRINUSE;
	} else {
		eft_lock(&self->lock);
		self->name = name;
		eft_unlock(&self->lock);
		self->key = key->hash;
		self->place = key->place;
		self->next_bound = *bucket;
		self->bound = true;
		*bucket = self;
	}
	eft_unlock(&table.lock);
	if (error != 0)
		eft_unix_name_put(name);
	return error;
}

void eft_unix_unbind(struct eft_unix *self)
{
	struct eft_unix **at = &table.buckets[self->key % BUCKETS];

	eft_file_put(self->node);
	if (!self->bound)
		return;
	eft_lock(&table.lock);
	while (*at != self)
		at = &(*at)->next_bound;
	*at = self->next_bound;
	eft_unlock(&table.lock);
}

/*
 * Binding.
 */

static struct eft_unix_name *copy_name(const struct eft_socket_name *name)
{
	struct eft_unix_name *copy = eft_alloc(sizeof(*copy));

	if (copy == NULL)
		return NULL;
	copy->references = 1;
	memcpy(&copy->name, name, sizeof(*name));
	return copy;
}

static int bind_abstract(struct eft_unix *self,
			 const struct eft_socket_name *name)
{
	struct eft_unix_name *copy = copy_name(name);
	struct key key;

	if (copy == NULL)
		return -ENOMEM;
	key = abstract_key(&copy->name, self->socket.type);
	return add(self, copy, &key);
}

/* The name as Linux keeps it: with the path's NUL, and nothing after it. */
static void trim_path(struct eft_socket_name *name)
{
	name->data[name->len - FAMILY_BYTES] = '\0';
	name->len = (unsigned)eft_strlen(name->data) + 1 + FAMILY_BYTES;
}

static int bind_path(struct eft_unix *self, const struct eft_socket_name *name)
{
	struct eft_unix_name *copy = copy_name(name);
	struct eft_unix_place place;
	struct eft_file *node;
	struct key key;
	int error;

	if (copy == NULL)
		return -ENOMEM;
	trim_path(&copy->name);
	error = eft_unix_path_make(copy->name.data, &place, &node);
	if (error != 0) {
		eft_unix_name_put(copy);
		return error;
	}
	key = path_key(&place);
	self->node = node;
	return add(self, copy, &key);
}

static int autobind(struct eft_unix *self)
{
	static uint32_t last;
	struct eft_socket_name name = {.len = FAMILY_BYTES + 6,
				       .family = AF_UNIX};
	int error = -EADDRINUSE;

	for (unsigned i = 0; i < AUTOBIND_NAMES && error == -EADDRINUSE; i++) {
		eft_snprintf(name.data + 1, sizeof(name.data) - 1, "%05x",
			     last++ % AUTOBIND_NAMES);
		error = bind_abstract(self, &name);
	}
	return error;
}

int eft_unix_check_name(const struct eft_socket_name *name)
{
	if (name->len <= FAMILY_BYTES ||
	    name->len > FAMILY_BYTES + UNIX_PATH_MAX || name->family != AF_UNIX)
		return -EINVAL;
	return 0;
}

int eft_unix_bind(struct eft_socket *socket, const struct eft_socket_name *name)
{
	bool automatic = name->len == FAMILY_BYTES && name->family == AF_UNIX;
	struct eft_unix *self = eft_unix(socket);
	int error = automatic ? 0 : eft_unix_check_name(name);

	if (error != 0)
		return error;
	eft_mutex_lock(&binding);
	if (self->name != NULL)
		error = automatic ? 0 : -EINVAL;
	else if (automatic)
		error = autobind(self);
	else
		error = is_abstract(name) ? bind_abstract(self, name)
					  : bind_path(self, name);
	eft_mutex_unlock(&binding);
	return error;
}

int eft_unix_autobind(struct eft_unix *self)
{
	const struct eft_socket_name nothing = {.len = FAMILY_BYTES,
						.family = AF_UNIX};

	return eft_unix_bind(&self->socket, &nothing);
}

/*
 * Finding.
 */

static int find_path(const struct eft_socket_name *name, int type,
		     struct eft_unix **ret_unix)
{
	struct eft_socket_name copy = *name;
	struct eft_unix_place place;
	struct key key;
	int error;

	/* An image without paths cannot have bound one. */
	if (eft_unix_path_find == NULL)
		return -ECONNREFUSED;
	trim_path(&copy);
	error = eft_unix_path_find(copy.data, &place);
	if (error != 0)
		return error;
	key = path_key(&place);
	*ret_unix = find(&key);
	if (*ret_unix == NULL)
		return -ECONNREFUSED;
	if ((*ret_unix)->socket.type == type)
		return 0;
	eft_unix_put(*ret_unix);
	*ret_unix = NULL;
	return -EPROTOTYPE;
}

int eft_unix_find(const struct eft_socket_name *name, int type,
		  struct eft_unix **ret_unix)
{
	int error = eft_unix_check_name(name);
	struct key key;

	*ret_unix = NULL;
	if (error != 0)
		return error;
	if (!is_abstract(name))
		return find_path(name, type, ret_unix);
	key = abstract_key(name, type);
	*ret_unix = find(&key);
	return *ret_unix != NULL ? 0 : -ECONNREFUSED;
}
