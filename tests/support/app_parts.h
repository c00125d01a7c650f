/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app_parts.h - apps made of parts, good and broken, in a zip or in a folder, and
 * what discovery finds in them.
 *
 *     AUTO(app_free) struct app_fixture f = { 0 };
 *     REQUIRE_OK(app_find(&f, zipped, parts, ARRAY_LEN(parts), &err), &err);
 */
#pragma once

#include "bundle/bundle.h"
#include "support/scratch.h"
#include "support/tiny_zip.h"

/* Contents of files of the app. */
enum app_stuff {
	APP_CODE,    /* an executable */
	APP_OBJECT,  /* Mach-O that is not signed: a .o file */
	APP_INFO,    /* an Info.plist; more: id and executable, "" for none */
	APP_TEXT,    /* more: the text */
	APP_JAVA,    /* a class: the magic of a fat file */
	APP_ARCHIVE, /* a static library */
	APP_LINK,    /* more: the target */
	APP_FOLDER,
};

struct app_part {
	const char *path;
	enum app_stuff stuff;
	const char *more, *executable;
};

/* "Payload/X.app/..." of a zip, or the folder X.app. */
struct app_fixture {
	struct scratch folder;
	struct container c;
	struct scan scan;
	struct bundle_tree tree;
};

void app_free(struct app_fixture *f); /* for AUTO() */

/* Make the app, and find what is in it. */
NODISCARD bool app_find(struct app_fixture *f, bool zipped,
                        const struct app_part *parts, size_t count, struct error *err);

/* The same for a zip that lacks its end, and for a container that is open. */
NODISCARD bool app_find_in_zip(struct app_fixture *f, struct tiny_zip *z,
                               struct error *err);
NODISCARD bool app_look(struct app_fixture *f, struct error *err);

/* path without "Payload/X.app/": the same for both. */
const char *app_inner(const struct app_fixture *f, const char *path);

/* What was found at this path, "" for the app; or NULL. */
const struct bundle *app_item(const struct app_fixture *f, const char *path);

/* The content of a part; and the file of it at path. */
void app_fill(struct buf *out, const struct app_part *part);
NODISCARD bool app_put(const char *path, const struct app_part *part,
                       struct error *err);
