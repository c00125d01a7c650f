/* SPDX-License-Identifier: Apache-2.0 */
/*
 * project_impl.h - what the files of the project model share.
 */
#pragma once

#include "xcode/project.h"

/* Fill in what the tree says; root, label and tree are set.  Errors: ERROR_FORMAT. */
bool xcode_project_model(struct xcode_project *p, struct error *err);

/* The object with this id if its isa begins with `isa`; NULL. */
const struct pbx *xcode_object(const struct xcode_project *p, const char *id,
                               const char *isa);

/*
 * Where files and groups are.  Which group has which child is found once, for all.
 */
struct xcode_places {
	const struct xcode_project *project;
	struct xcode_child *children; /* sorted by id */
	size_t count, cap;
};
void xcode_places_find(struct xcode_places *out, const struct xcode_project *p);
void xcode_places_free(struct xcode_places *places); /* for AUTO() */

/* The path of a file or group, from SRCROOT; new.  NULL: it is in no folder of ours
 * (a product, an SDK), or its groups go round in a circle. */
char *xcode_place(const struct xcode_places *places, const char *id);

/* The folder that path is in: "." for a bare name; new. */
char *xcode_folder_of(const char *path);
/* name in folder, or name alone if it is absolute or folder is "."; new. */
char *xcode_join(const char *folder, const char *name);

/* Takes path over; where is what has them.  Errors: ERROR_LIMIT. */
bool xcode_paths_add(struct xcode_paths *out, char *path, const char *where,
                     struct error *err);
