/* SPDX-License-Identifier: Apache-2.0 */
/*
 * requirementopt.h - the option --requirement, as codesign takes it with -R and -r.
 */
#pragma once

#include "codesign/requirement.h"

#define REQUIREMENT_HELP \
	"in the requirement language, or @FILE with it (text or csreq's blob)"

/* The blob of what was given: text, or "@FILE".  ERROR_USAGE; those of file_read(). */
NODISCARD bool requirementopt_load(struct buf *out, const char *given,
                                   struct error *err);
