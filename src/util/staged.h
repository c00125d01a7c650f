/* SPDX-License-Identifier: Apache-2.0 */
/*
 * staged.h - a file or folder that is made, and checked, beside its final place
 * and then moved there in one step.
 *
 *     AUTO(staged_discard) struct staged s = { 0 };
 *     if (!staged_begin(&s, "Out.ipa", err) || !make(s.temp) || !check(s.temp))
 *             return false;
 *     return staged_commit(&s, err);
 */
#pragma once

#include "util/compiler.h"
#include "util/error.h"

struct staged {
	char *final; /* where it will be */
	char *temp;  /* make it here: same name, in a private folder beside */
	char *dir;   /* private: that folder */
};

/* Make the private folder (0700) beside path.  Errors: ERROR_NOT_FOUND (no such
 * folder), ERROR_PERMISSION, ERROR_IO. */
NODISCARD bool staged_begin(struct staged *out, const char *path, struct error *err);

/*
 * Move temp to final.  What was there is replaced in one step: at no moment is
 * there nothing, and a crash leaves the old or the new one.
 */
NODISCARD bool staged_commit(struct staged *s, struct error *err);

/*
 * The same, but nothing is ever replaced: ERROR_EXISTS if a file or a folder that is
 * not empty is there, made by somebody else in the meantime.  For folders.
 */
NODISCARD bool staged_commit_new(struct staged *s, struct error *err);

/* For AUTO(): removes the private folder and what is in it. */
void staged_discard(struct staged *s);
