/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signjob.h - sign one app: plan, seal beside the final place, judge, move there.
 * Jobs share nothing but the kit, which they only read: several may run at once.
 */
#pragma once

#include "cli/signkit.h"
#include "util/staged.h"
#include "verify/verify.h"

struct signjob {
	const struct signkit *kit;
	struct sign_request request; /* the kit's, with the job's share of threads */
	const char *in, *out;        /* borrowed */
	bool force;                  /* replace what is at out */
	bool no_judge;               /* the verdict stays empty */
	struct container container;
	struct staged staged; /* private: where it is made */
	struct sign_plan plan;
	struct verdict verdict;
};
void signjob_free(struct signjob *job); /* for AUTO() */

/* Open the app. */
NODISCARD bool signjob_open(struct signjob *job, struct error *err);

/*
 * Before it is planned, which takes a while: make sure that the output can be written,
 * and begin to write it.  signjob_execute() does it where it was not done.
 * Errors: ERROR_EXISTS, ERROR_REFUSED (out is a folder of other things), ERROR_IO, ...
 */
NODISCARD bool signjob_begin(struct signjob *job, struct error *err);

/* Plan. */
NODISCARD bool signjob_plan(struct signjob *job, const struct cli *cli,
                            struct error *err);

/*
 * Carry the plan out.  What the judge refuses is not written, unless there is none.
 * Errors: as signjob_begin(), ERROR_VERIFY, as sign_execute().
 */
NODISCARD bool signjob_execute(struct signjob *job, const struct cli *cli,
                               struct error *err);

/* The whole of a command that signs one app: plan, execute, report. */
NODISCARD bool signjob_run(const struct signopt *opt, const char *in,
                           const struct cli *cli, struct error *err);

/* Where is OUT?  ERROR_USAGE. */
NODISCARD bool signjob_check_output(const struct signopt *opt, struct error *err);
