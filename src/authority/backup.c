/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Backups: a portal's folder at one moment, which is a portal's folder again.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authority/authority_impl.h"
#include "util/file.h"
#include "util/file_error.h"
#include "util/mem.h"
#include "util/staged.h"

#define FILE_MAX_BYTES ((size_t)64 << 20)

/* What there is beside the database; keys are for their owner alone. */
static const struct part {
	const char *folder;
	mode_t folder_mode, file_mode;
	bool is_secret;
} parts[] = { { "keys", 0700, 0600, true }, { "certs", 0755, 0644, false } };

static const char *const files[] = { "roots.pem", "crl.pem", "tls-ca.pem" };

static bool copy(const char *from, const char *to, mode_t mode, bool is_secret,
                 struct error *err)
{
	AUTO(buf_free) struct buf bytes = BUF_INIT(FILE_MAX_BYTES);
	AUTO(secret_free) struct secret secret = { 0 };

	if (is_secret)
		return secret_load(&secret, from, KEY_MAX_BYTES, err) &&
		       file_write(to, secret_reveal(&secret), mode, true, err);
	return file_read(&bytes, from, err) &&
	       file_write(to, buf_slice(&bytes), mode, true, err);
}

static bool copy_folder(const char *from, const char *to, const struct part *part,
                        struct error *err)
{
	AUTO(drop_str) char *source = mem_format("%s/%s", from, part->folder);
	AUTO(drop_str) char *target = mem_format("%s/%s", to, part->folder);
	AUTO(drop_dir) DIR *dir = opendir(source);
	const struct dirent *e;

	if (dir == NULL)
		return file_error_read(err, "open", source);
	if (!file_make_dir(target, part->folder_mode, err))
		return false;
	while ((e = readdir(dir)) != NULL) {
		size_t n = strlen(e->d_name);

		if (n < 5 || strcmp(e->d_name + n - 4, ".pem") != 0)
			continue;
		AUTO(drop_str) char *a = mem_format("%s/%s", source, e->d_name);
		AUTO(drop_str) char *b = mem_format("%s/%s", target, e->d_name);
		if (!copy(a, b, part->file_mode, part->is_secret, err))
			return false;
	}
	return true;
}

/* All but the database. */
static bool copy_rest(const char *from, const char *to, struct error *err)
{
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (!copy_folder(from, to, &parts[i], err))
			return false;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		AUTO(drop_str) char *a = mem_format("%s/%s", from, files[i]);
		AUTO(drop_str) char *b = mem_format("%s/%s", to, files[i]);

		/* A portal that never served has no authority for TLS. */
		if (access(a, F_OK) == 0 && !copy(a, b, 0644, false, err))
			return false;
	}
	return true;
}

/* The copy opens, and reads whole. */
static bool check_copy(const char *dir, struct clock clock, struct error *err)
{
	AUTO(drop_authority) struct authority *a = NULL;

	return authority_open(&a, dir, clock, err) && db_check(a->db, err);
}

static bool is_free(const char *path, struct error *err)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return true;
	error_set(err, ERROR_EXISTS, "\"%s\" exists already", path);
	return error_hint(err, "Name a folder that is not there yet.");
}

bool authority_backup(struct authority *a, const char *to, struct error *err)
{
	AUTO(staged_discard) struct staged staged = { 0 };
	AUTO(db_rollback)
	struct db_tx tx = { 0 }; /* nobody changes the files meanwhile */

	if (!is_free(to, err) || !staged_begin(&staged, to, err) ||
	    !file_make_dir(staged.temp, 0700, err))
		return false;
	AUTO(drop_str) char *db = mem_format("%s/portal.db", staged.temp);
	/* The list of what is revoked comes after: it may say more than the database,
	   never less. */
	return db_snapshot(a->db, db, err) && db_begin(&tx, a->db, err) &&
	       copy_rest(a->dir, staged.temp, err) &&
	       check_copy(staged.temp, a->clock, err) &&
	       staged_commit_new(&staged, err);
}

/* What is in a log beside the database would be missing. */
static bool is_at_rest(const char *dir, struct error *err)
{
	AUTO(drop_str) char *db = mem_format("%s/portal.db", dir);
	AUTO(drop_str) char *wal = mem_format("%s-wal", db);
	struct stat st;

	if (stat(db, &st) != 0) {
		error_set(err, ERROR_NOT_FOUND, "there is no backup in \"%s\"", dir);
		error_evidence(err, "there is no \"%s\"", db);
		return error_hint(err,
		                  "A backup is a folder that sealring portal backup "
		                  "made.");
	}
	if (stat(wal, &st) != 0 || st.st_size == 0)
		return true;
	error_set(err, ERROR_REFUSED, "\"%s\" is a portal in use, and no backup", dir);
	return error_hint(err, "sealring portal backup --portal %s -o BACKUP", dir);
}

bool authority_restore(const char *from, const char *to, struct clock clock,
                       struct error *err)
{
	AUTO(staged_discard) struct staged staged = { 0 };
	AUTO(drop_str) char *source = mem_format("%s/portal.db", from);
	AUTO(file_unmap) struct file_map db = { 0 };

	if (!is_at_rest(from, err) || !is_free(to, err) ||
	    !file_map(&db, source, err) || !staged_begin(&staged, to, err) ||
	    !file_make_dir(staged.temp, 0700, err))
		return false;
	AUTO(drop_str) char *target = mem_format("%s/portal.db", staged.temp);
	return file_write(target, db.bytes, 0600, true, err) &&
	       copy_rest(from, staged.temp, err) &&
	       check_copy(staged.temp, clock, err) && staged_commit_new(&staged, err);
}
