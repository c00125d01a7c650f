/* SPDX-License-Identifier: Apache-2.0 */
/*
 * responder.h - ask the responders of certificates whether they are revoked: verify
 * --online.  Each certificate is asked about once, however many files it signed.
 */
#pragma once

#include "crypto/cert.h"
#include "util/buf.h"

struct responder {
	bool is_verbose; /* say who is asked */
	/* what came, or why nothing did */
	struct responder_answer {
		unsigned char sha256[32]; /* of the certificate */
		bool is_there;
		struct buf response;
		struct error err;
	} * answers;
	size_t count, cap;
};

/* For verify_request.ask_responder; ctx is a struct responder. */
NODISCARD bool responder_ask(void *ctx, struct buf *out, const struct cert *cert,
                             const struct cert *issuer, struct error *err);
void responder_free(struct responder *r); /* for AUTO() */
