/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/hash_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "crypto/gmac.h"
#include "crypto/issue.h"
#include "util/bytes.h"
#include "util/clock.h"
#include "util/file.h"
#include "util/file_error.h"
#include "util/mem.h"

#define FILE_NAME     "hashes-v2"
#define NEW_NAME      "hashes-v2.new" /* whoever has the lock writes this one */
#define SECRET_NAME   "secret"        /* what the keys of records are made with */
#define SECRET_NEW    "secret.new"

#define LOCK_ATTEMPTS 200 /* to get the lock, one every */
#define LOCK_WAIT_NS  (10L * 1000 * 1000)

/* A record's key: the tag of the packed bytes, and what the archive says of them. */
#define KEY_SIZE   GMAC_BYTES
#define KEY_CRC    24
#define KEY_METHOD 28

struct hash_cache {
	int fd;       /* of the folder: all goes by it */
	char *folder; /* for texts */
	struct gmac *gmac;
	uint32_t today;
	struct file_map map;
	struct slice records; /* of map */
	pthread_mutex_t lock; /* of what follows */
	struct hash_record *fresh;
	size_t count, cap;
};

/* ---- opening ---- */

static bool not_ours(const char *path, const char *what, struct error *err)
{
	error_set(err, ERROR_REFUSED, "the cache \"%s\" cannot be trusted", path);
	error_evidence(err, "%s", what);
	error_cause(err, "Whoever can write there, or knows how the files in it are "
	                 "recognised, chooses what is sealed.");
	return error_hint(err, "Name a folder that is yours alone, or one that is not "
	                       "there yet: it is made.");
}

/* forbidden: what others may not do. */
static bool check_ours(int fd, const char *path, mode_t forbidden, struct error *err)
{
	char what[128];
	struct stat st;

	if (fstat(fd, &st) != 0)
		return file_error_read(err, "look at", path);
	if (st.st_uid == geteuid() && (st.st_mode & forbidden) == 0)
		return true;
	snprintf(what, sizeof what, "owner %lu, mode %04o; expected owner %lu, mode %s",
	         (unsigned long)st.st_uid, (unsigned)st.st_mode & 07777,
	         (unsigned long)geteuid(), S_ISDIR(st.st_mode) ? "0700" : "0600");
	return not_ours(path, what, err);
}

static bool is_symlink(int folder, const char *name)
{
	struct stat st;

	return fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISLNK(st.st_mode);
}

static bool open_folder(int *out, const char *path, struct error *err)
{
	AUTO(drop_fd) int fd = -1;

	if (is_symlink(AT_FDCWD, path))
		return not_ours(path, "it is a symlink", err);
	if (!file_make_dir(path, 0700, err))
		return false;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return file_error_read(err, "open", path);
	if (!check_ours(fd, path, S_IWGRP | S_IWOTH, err))
		return false;
	*out = fd;
	fd = -1;
	return true;
}

/* A file as it is now; none: nothing is mapped. */
static bool map_file(struct file_map *out, const struct hash_cache *c, const char *name,
                     struct error *err)
{
	AUTO(drop_str) char *path = mem_format("%s/%s", c->folder, name);
	/* O_NONBLOCK: opening a pipe must not wait for somebody to write. */
	int flags = O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
	AUTO(drop_fd) int fd = openat(c->fd, name, flags);

	if (fd < 0 && is_symlink(c->fd, name))
		return not_ours(path, "it is a symlink", err);
	if (fd < 0 && errno == ENOENT)
		return true;
	if (fd < 0)
		return file_error_read(err, "open", path);
	return check_ours(fd, path, S_IRWXG | S_IRWXO, err) &&
	       file_map_fd(out, fd, path, err);
}

/* Not for ever: who holds it may have been stopped. */
static bool lock_folder(const struct hash_cache *c, struct error *err)
{
	const struct timespec wait = { .tv_nsec = LOCK_WAIT_NS };

	for (unsigned i = 0; i < LOCK_ATTEMPTS; i++) {
		if (flock(c->fd, LOCK_EX | LOCK_NB) == 0)
			return true;
		if (errno != EWOULDBLOCK && errno != EINTR)
			break;
		nanosleep(&wait, NULL);
	}
	return file_error_write(err, "lock the cache", c->folder);
}

/* No fsync: what a loss of power damages is found by the check values. */
static bool write_file(const struct hash_cache *c, const char *name, const char *new,
                       struct slice bytes, struct error *err)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	AUTO(file_discard)
	struct file_new f = { .path = mem_format("%s/%s", c->folder, new) };

	unlinkat(c->fd, new, 0); /* of a run that was killed */
	f.fd = openat(c->fd, new, flags, 0600);
	if (f.fd < 0)
		return file_error_write(err, "create", f.path);
	if (!file_append(&f, bytes, err)) {
		unlinkat(c->fd, new, 0);
		return false;
	}
	if (renameat(c->fd, new, c->fd, name) != 0) {
		file_error_write(err, "rename", f.path);
		unlinkat(c->fd, new, 0);
		return false;
	}
	return true;
}

/* ---- the secret ---- */

static bool read_secret(struct hash_cache *c, struct error *err)
{
	AUTO(file_unmap) struct file_map map = { 0 };

	if (!map_file(&map, c, SECRET_NAME, err))
		return false;
	return map.bytes.n != GMAC_KEY_BYTES || gmac_new(&c->gmac, map.bytes.p, err);
}

/* What is there is none: all records are lost with it. */
static bool make_secret(struct hash_cache *c, struct error *err)
{
	unsigned char secret[GMAC_KEY_BYTES];

	return random_bytes(secret, sizeof secret, err) &&
	       write_file(c, SECRET_NAME, SECRET_NEW, slice_of(secret, sizeof secret),
	                  err) &&
	       gmac_new(&c->gmac, secret, err);
}

/* Of runs that find none at the same time one makes it. */
static bool have_secret(struct hash_cache *c, struct error *err)
{
	if (!read_secret(c, err))
		return false;
	if (c->gmac != NULL)
		return true;
	if (!lock_folder(c, err))
		return false;
	bool ok = read_secret(c, err) && (c->gmac != NULL || make_secret(c, err));
	flock(c->fd, LOCK_UN);
	return ok;
}

static uint32_t day_of(int64_t now_s)
{
	int64_t day = now_s / CLOCK_DAY_S;

	return day < 0 ? 0 : day > UINT32_MAX ? UINT32_MAX : (uint32_t)day;
}

bool hash_cache_open(struct hash_cache **out, const char *folder, int64_t now_s,
                     struct error *err)
{
	AUTO(drop_hash_cache) struct hash_cache *c = mem_zero(1, sizeof *c);

	pthread_mutex_init(&c->lock, NULL);
	c->fd = -1;
	c->folder = mem_copy(folder);
	c->today = day_of(now_s);
	/* "LINK/" would follow the link. */
	for (size_t n = strlen(folder); n > 1 && folder[n - 1] == '/'; n--)
		c->folder[n - 1] = '\0';
	if (!open_folder(&c->fd, c->folder, err) || !have_secret(c, err) ||
	    !map_file(&c->map, c, FILE_NAME, err))
		return false;
	c->records = hash_records_parse(c->map.bytes);
	*out = STEAL(c);
	return true;
}

void drop_hash_cache(struct hash_cache **cache)
{
	struct hash_cache *c = *cache;

	if (c == NULL)
		return;
	drop_fd(&c->fd);
	file_unmap(&c->map);
	drop_gmac(&c->gmac);
	pthread_mutex_destroy(&c->lock);
	free(c->fresh);
	free(c->folder);
	free(c);
	*cache = NULL;
}

/* ---- while files are read ---- */

static void make_key(unsigned char key[HASH_KEY_BYTES], const struct hash_cache *cache,
                     const struct zip *zip, const struct zip_entry *entry)
{
	gmac_of(key, cache->gmac, zip_packed(zip, entry));
	store_le64(key + KEY_SIZE, entry->size);
	store_le32(key + KEY_CRC, entry->crc32);
	store_le32(key + KEY_METHOD, zip_is_deflated(entry) ? 8 : 0);
}

static void remember(struct hash_cache *cache, const struct hash_record *record)
{
	pthread_mutex_lock(&cache->lock);
	if (cache->count < HASH_RECORDS_MAX) {
		cache->fresh = mem_grow(cache->fresh, cache->count, &cache->cap,
		                        sizeof *cache->fresh);
		cache->fresh[cache->count] = *record;
		cache->fresh[cache->count++].day = cache->today;
	}
	pthread_mutex_unlock(&cache->lock);
}

bool hash_cache_find(struct hash_record *record, struct hash_cache *cache,
                     const struct zip *zip, const struct zip_entry *entry)
{
	unsigned char key[HASH_KEY_BYTES];

	make_key(key, cache, zip, entry);
	if (!hash_records_find(record, cache->records, key)) {
		memcpy(record->key, key, sizeof key);
		return false;
	}
	if (record->day < cache->today)
		remember(cache, record); /* it is still in use */
	return true;
}

void hash_cache_note(struct hash_cache *cache, const struct hash_record *record,
                     const struct zip *zip, const struct zip_entry *entry)
{
	unsigned char key[HASH_KEY_BYTES];

	if (!hash_record_can_hold(record->magic))
		return;
	make_key(key, cache, zip, entry);
	if (memcmp(key, record->key, sizeof key) == 0)
		remember(cache, record);
}

/* ---- saving ---- */

static bool save(struct hash_cache *c, struct error *err)
{
	AUTO(file_unmap) struct file_map map = { 0 };
	AUTO(buf_free) struct buf bytes = BUF_INIT(HASH_FILE_MAX_BYTES);

	return map_file(&map, c, FILE_NAME, err) &&
	       hash_records_build(&bytes, hash_records_parse(map.bytes), c->fresh,
	                          c->count, c->today, err) &&
	       write_file(c, FILE_NAME, NEW_NAME, buf_slice(&bytes), err);
}

bool hash_cache_save(struct hash_cache *cache, struct error *err)
{
	bool ok = true;

	pthread_mutex_lock(&cache->lock);
	if (cache->count > 0) {
		ok = lock_folder(cache, err);
		if (ok) {
			ok = save(cache, err);
			flock(cache->fd, LOCK_UN);
		}
		cache->count = 0;
	}
	pthread_mutex_unlock(&cache->lock);
	return ok;
}
