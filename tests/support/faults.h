/* SPDX-License-Identifier: Apache-2.0 */
/*
 * faults.h - a file system that fails, and a process that dies, where a test says so.
 *
 * A test program that has support/faults.c among its sources gets these instead of the
 * C library's functions.  Linux only.
 */
#pragma once

#include <stdbool.h>

struct faults {
	int die_at;  /* the process ends before its n-th change; 0: it lives */
	int no_swap; /* the errno of swapping two names; 0: it works; and so on */
	int no_new;  /* renaming to a new name only */
	int no_link, no_copy, no_lock, no_sync;
	int no_rename_at;        /* the n-th rename from now on fails; 0: none */
	void (*meanwhile)(void); /* what others do just before each rename; or NULL */
	long room;      /* bytes that can be written still; negative: no limit */
	int changes;    /* so far */
	char log[4096]; /* "open write chmod fsync rename fsync-folder", so far */
};
extern struct faults faults;

/* All works again; counters and log are empty. */
void faults_reset(void);

#define FAULTS_DIED 86

/*
 * work(ctx) in a process of its own, which dies before its n-th change of the file
 * system, as one that is killed does: nothing is cleaned up.  0: it came to its end,
 * 1: it came there and was wrong, FAULTS_DIED: it died.
 */
int faults_die_at(int n, bool (*work)(void *ctx), void *ctx);
