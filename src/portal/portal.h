/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portal/portal.h - the embedded developer portal as App Store Connect's API: requests
 * in, JSON:API documents out (spec asc.md sections 1 to 3).
 *
 * The rules are authority/'s; here are paths, parameters, tokens, documents and the
 * exact texts of errors.  Nothing here opens a socket.
 */
#pragma once

#include "http/http.h"
#include "util/clock.h"

struct portal; /* private; used by several threads at a time */

struct portal_options {
	const char *dir; /* the data folder */
	struct clock clock;
	/* What clients call it, for links: "https://portal.example.com"; NULL: as each
	 * request says */
	const char *public_url;
	/* Requests that a key may make in an hour; more are refused.  0: Apple's number is
	 * told, and none is refused */
	unsigned hour_limit;
	const struct secret *ca_password; /* of the private keys; NULL: none */
	bool is_strict; /* refuse unknown members of a request as Apple does since 2025 */
};

/* Errors: as authority_open(); ERROR_AUTH (the keys are locked), ERROR_USAGE (the URL). */
NODISCARD bool portal_open(struct portal **out, const struct portal_options *options,
                           struct error *err);
void drop_portal(struct portal **portal); /* for AUTO() */

/* Answer a request; portal is a struct portal.  An http_handler. */
void portal_answer(void *portal, const struct http_request *request,
                   struct http_answer *out);
