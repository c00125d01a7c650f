/* SPDX-License-Identifier: Apache-2.0 */
/*
 * one_file.h - a container with one file, in everything that a file comes in.
 *
 *     AUTO(one_file_free) struct one_file f = { 0 };
 *     REQUIRE_OK(one_file_open(&f, ONE_DEFLATED, content, packed, &err), &err);
 *     ... &f.c, f.file ...
 */
#pragma once

#include "bundle/container.h"
#include "support/scratch.h"
#include "support/tiny_zip.h"

enum one_way {
	ONE_STORED, /* in a zip */
	ONE_DEFLATED,
	ONE_FOLDER,
	ONE_BARE, /* a Mach-O file by itself: the content has to begin as one */
	ONE_WAYS
};

struct one_file {
	struct scratch folder;
	struct container c;
	const struct container_file *file;
};

/* packed: the content deflated; empty: in the tests' usual way, level 6.  It is not
 * looked at where the file is not to be deflated. */
NODISCARD bool one_file_open(struct one_file *f, enum one_way way, struct slice content,
                             struct slice packed, struct error *err);

/* The same in a zip that is done, and has a file of this name. */
#define ONE_NAME "Payload/X.app/X"
NODISCARD bool one_file_open_zip(struct one_file *f, const struct tiny_zip *z,
                                 struct error *err);
void one_file_free(struct one_file *f); /* for AUTO() */
