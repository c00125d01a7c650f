/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/early.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "util/mem.h"

/* ---- which ---- */

/* Signing edits, replaces or removes these, or they are code. */
static bool is_fixed_name(const char *path)
{
	static const char *const names[] = { "Info.plist", "embedded.mobileprovision" };
	static const char *const ends[] = { ".dylib", ".so", ".a", ".o" };
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	const char *dot = strrchr(name, '.');

	if (dot == NULL || strstr(path, "_CodeSignature/") != NULL ||
	    strstr(path, "SC_Info/") != NULL)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(name, names[i]) == 0)
			return false;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (strcmp(dot, ends[i]) == 0)
			return false;
	return true;
}

static bool is_early(const struct container *c, const struct zip_entry *e)
{
	size_t n = strlen(c->root);

	return e->type == ZIP_FILE && (e->mode & 0111) == 0 &&
	       strncmp(e->name, c->root, n) == 0 && e->name[n] == '/' &&
	       is_fixed_name(e->name + n + 1);
}

bool *early_choose(const struct container *c)
{
	bool *flags = mem_zero(c->zip.count + 1, sizeof *flags);

	if (c->zip.file.n < EARLY_MIN_BYTES)
		return flags;
	for (size_t i = 0; i < c->zip.count; i++)
		flags[i] = is_early(c, &c->zip.entries[i]);
	return flags;
}

/* ---- writing ---- */

struct early {
	const struct container *c; /* borrowed */
	char *out_path;
	bool *is_early;
	struct gather body;
	struct file_new file;
	pthread_t thread;
	bool is_running;
	atomic_bool stop;
	bool ok;
	struct error err;
};

static void *run(void *ctx)
{
	struct early *early = ctx;

	early->ok = file_create(&early->file, early->out_path, 0644, &early->err) &&
	            gather_write(&early->body, early->file.fd, early->file.path, 1,
	                         NULL, &early->err);
	return NULL;
}

struct early *early_begin(const struct container *c, const char *out_path)
{
	struct early *early = mem_zero(1, sizeof *early);

	early->c = c;
	early->out_path = mem_copy(out_path);
	early->is_early = early_choose(c);
	early->file = FILE_NEW_INIT;
	early->body.stop = &early->stop;
	for (size_t i = 0; i < c->zip.count; i++)
		if (early->is_early[i])
			gather_add(&early->body, c->zip.entries[i].local);
	if (early->body.size > 0)
		early->is_running =
			pthread_create(&early->thread, NULL, run, early) == 0;
	return early;
}

static void join(struct early *early)
{
	if (early->is_running)
		pthread_join(early->thread, NULL);
	early->is_running = false;
}

void early_cancel(struct early *early)
{
	if (early == NULL)
		return;
	atomic_store(&early->stop, true);
	join(early);
	file_discard(&early->file);
}

void drop_early(struct early **early)
{
	struct early *e = *early;

	if (e == NULL)
		return;
	early_cancel(e);
	gather_free(&e->body);
	free(e->is_early);
	free(e->out_path);
	free(e);
	*early = NULL;
}

bool early_is_for(const struct early *early, const char *out_path, const bool *is_early)
{
	return early != NULL && early->is_running &&
	       strcmp(early->out_path, out_path) == 0 &&
	       memcmp(early->is_early, is_early,
	              early->c->zip.count * sizeof *is_early) == 0;
}

bool early_take(struct file_new *out, struct early *early, struct error *err)
{
	join(early);
	if (!early->ok) {
		*err = early->err;
		return false;
	}
	*out = early->file;
	early->file = FILE_NEW_INIT;
	return true;
}
