/* SPDX-License-Identifier: Apache-2.0 */
/*
 * problems_impl.h - what is wrong with a request, in App Store Connect's words (spec
 * asc.md 3.2, 3.3), for portal/ only.  Clients match on some of these texts.
 */
#pragma once

#include "http/http.h"

enum problem {
	PROBLEM_PARAMETER_INVALID,
	PROBLEM_PARAMETER_ILLEGAL,
	PROBLEM_JSON,
	PROBLEM_NOT_AUTHORIZED,
	PROBLEM_FORBIDDEN,
	PROBLEM_OPERATION,
	PROBLEM_NOT_FOUND,
	PROBLEM_ENTITY,
	PROBLEM_ATTRIBUTE_INVALID,
	PROBLEM_ATTRIBUTE_REQUIRED,
	PROBLEM_ATTRIBUTE_UNKNOWN,
	PROBLEM_ATTRIBUTE_TYPE,
	PROBLEM_RELATIONSHIP_REQUIRED,
	PROBLEM_RELATIONSHIP_INVALID,
	PROBLEM_RELATIONSHIP_UNKNOWN,
	PROBLEM_TOO_LARGE,
	PROBLEM_RATE_LIMIT,
	PROBLEM_UNEXPECTED,
	PROBLEM_COUNT
};

#define PROBLEMS_MAX 16 /* in one answer; more are left out */

struct problems {
	struct {
		enum problem kind;
		char detail[512];
		char source[256]; /* a pointer or a parameter; "": neither */
	} items[PROBLEMS_MAX];
	size_t count;
};

/*
 * Note one.  Returns false.
 * source  "/data/attributes/name", or the name of a parameter; NULL: neither
 */
PRINTF_LIKE(4, 5)
bool problem_note(struct problems *p, enum problem kind, const char *source,
                  const char *fmt, ...);

/* Put them into the answer: the status of the first. */
void problems_answer(const struct problems *p, struct http_answer *out);
