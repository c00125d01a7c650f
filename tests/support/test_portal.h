/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_portal.h - an embedded portal for tests, with a clock that can be set.
 *
 *     AUTO(test_portal_free) struct test_portal p = { 0 };
 *     REQUIRE_OK(test_portal_make(&p, &err), &err);
 *     p.now_s += 365 * CLOCK_DAY_S;
 */
#pragma once

#include "authority/authority.h"
#include "support/scratch.h"

#define TEST_PORTAL_TEAM "T1M2E3A4M5"
#define TEST_PORTAL_NAME "Müller & \"Söhne\""
/* The moment at which it is made: 2026-06-01 00:00:00. */
#define TEST_PORTAL_TIME ((int64_t)1780272000)
#define TEST_PORTAL_KEYS 16

struct test_portal {
	struct scratch folder;
	char *dir;
	int64_t now_s;
	struct authority *a;
	struct trust trust; /* DIR/roots.pem */
};

/* Made once per process and copied: its keys take time. */
NODISCARD bool test_portal_make(struct test_portal *out, struct error *err);
/* Open it again, as another process would find it; the first one is closed. */
NODISCARD bool test_portal_reopen(struct test_portal *p, struct error *err);
void test_portal_free(struct test_portal *p); /* for AUTO() */
char *test_portal_path(const struct test_portal *p, const char *name);

/* An RSA 2048 key of this process, by number below TEST_PORTAL_KEYS. */
struct key *test_portal_key(size_t number);
/* A request made with one of them; cn and email may be NULL. */
NODISCARD bool test_portal_csr(struct csr *out, size_t key, const char *cn,
                               const char *email, struct error *err);

/* Issue for the key with this number; serial may be NULL. */
NODISCARD bool test_portal_cert(char serial[64], struct test_portal *p,
                                enum authority_cert_type type, size_t key,
                                struct error *err);

/* "00008110-0000000000000007", for the number 7. */
void test_portal_udid(char out[32], size_t number);
