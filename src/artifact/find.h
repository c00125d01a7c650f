/* SPDX-License-Identifier: Apache-2.0 */
/*
 * artifact/find.h - what a folder has that signing knows, without reading it.
 */
#pragma once

#include "artifact/artifact.h"

#define ARTIFACT_FIND_DEPTH   16
#define ARTIFACT_FIND_MAX     ((size_t)20000)  /* artifacts listed */
#define ARTIFACT_FIND_ENTRIES ((size_t)500000) /* names looked at */

struct artifact_found {
	char *path; /* begins with the folder as given */
	enum artifact_kind kind;
};

struct artifact_list {
	struct artifact_found *items; /* sorted by path */
	size_t count, cap;
	size_t looked;     /* names looked at */
	size_t unreadable; /* folders that could not be listed */
	/* The limit that was met: there may be more; NULL: that is all. */
	const char *cut;
};

/* The limits; zeros: those above. */
struct artifact_find_how {
	size_t max_depth, max_found, max_looked;
};

/*
 * Walk the folder.  Symbolic links are not followed, and what builds and package
 * managers make is left out (".git", "node_modules", "Pods", "DerivedData", ...); what
 * is in an app, archive or project belongs to it.  The name decides what a file is;
 * where names say little (.pem, .key, none) its first bytes.
 * Errors: ERROR_NOT_FOUND, ERROR_PERMISSION, ERROR_IO: of the folder itself.
 */
NODISCARD bool artifact_find(struct artifact_list *out, const char *dir,
                             const struct artifact_find_how *how, struct error *err);
void artifact_list_free(struct artifact_list *list); /* for AUTO() */

/* Is it a folder that is no app, archive or project itself, so that one looks into it? */
bool artifact_find_is_for(const char *path);

/* Is a folder of this name left out? */
bool artifact_find_skips(const char *name);
