/* SPDX-License-Identifier: Apache-2.0 */
/*
 * staged.h - a file or folder that is made, and checked, beside its final place
 * and then moved there in one step.
 *
 *     AUTO(staged_discard) struct staged s = { 0 };
 *     if (!staged_begin(&s, "Out.ipa", err) || !make(s.temp) || !check(s.temp))
 *             return false;
 *     return staged_commit(&s, err);
 *
 * Killed at any moment, it leaves the old one or the new one in place, and a private
 * folder that the next run removes (temp.h).  Only where the file system cannot swap
 * two folders is there a moment with neither: then the next run puts the old one back.
 */
#pragma once

#include "util/compiler.h"
#include "util/error.h"

struct staged {
	char *final; /* where it will be */
	char *temp;  /* make it here: same name, in a private folder beside */
	char *dir;   /* private: that folder */
	int lock;    /* private: held while we live; valid if dir is set */
};

/*
 * Undo what a run that was killed in the middle of replacing path left.  Call it
 * before looking whether path is there.
 */
void staged_recover(const char *path);

/*
 * Make the private folder (0700) beside path, and remove those of killed runs.
 * Errors: ERROR_NOT_FOUND (no such folder), ERROR_PERMISSION, ERROR_IO,
 * ERROR_REFUSED (path is a symlink to a folder, or has no name of its own: ".").
 */
NODISCARD bool staged_begin(struct staged *out, const char *path, struct error *err);

/* Is what will be replaced this very folder, and no symlink to it? */
bool staged_replaces(const struct staged *s, const char *folder);

/*
 * Move temp to final.  What was there is replaced in one step: at no moment is
 * there nothing (but see above), and a crash leaves the old or the new one.  A folder
 * is on the disk before it is moved; a file has to be (file_commit()).
 */
NODISCARD bool staged_commit(struct staged *s, struct error *err);

/*
 * The same, but nothing is ever replaced: ERROR_EXISTS if a file or a folder that is
 * not empty is there, made by somebody else in the meantime.  For folders.
 */
NODISCARD bool staged_commit_new(struct staged *s, struct error *err);

/* For AUTO(): removes the private folder and what is in it. */
void staged_discard(struct staged *s);
