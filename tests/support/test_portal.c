/* SPDX-License-Identifier: Apache-2.0 */
#include "support/test_portal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/run.h"
#include "util/file.h"
#include "util/mem.h"

static struct scratch model; /* the portal that others are copies of */
static struct key keys[TEST_PORTAL_KEYS];

__attribute__((destructor)) static void clean_up(void)
{
	scratch_remove(&model);
	for (size_t i = 0; i < TEST_PORTAL_KEYS; i++)
		key_free(&keys[i]);
}

static bool make_model(struct error *err)
{
	static const int64_t made_s = TEST_PORTAL_TIME;
	const struct authority_team team = { .id = TEST_PORTAL_TEAM,
		                             .name = TEST_PORTAL_NAME };

	if (model.path[0] != '\0')
		return true;
	if (!CRYPTO_secure_malloc_initialized() && !secret_setup(err))
		return false;
	if (!scratch_make(&model))
		return error_set(err, ERROR_IO, "no scratch folder");
	AUTO(drop_str) char *dir = scratch_path(&model, "portal");
	return authority_init(dir, &team, clock_fixed(&made_s), err);
}

static bool copy_model(const char *to, struct error *err)
{
	AUTO(buf_free) struct buf said = BUF_INIT(RUN_MAX_BYTES);
	AUTO(drop_str) char *from = scratch_path(&model, "portal");
	const char *const argv[] = { "cp", "-a", from, to, NULL };

	return run_program(&said, argv) == 0 ||
	       error_set(err, ERROR_IO, "could not copy the portal");
}

bool test_portal_make(struct test_portal *out, struct error *err)
{
	AUTO(buf_free) struct buf roots = BUF_INIT((size_t)1 << 20);

	if (!make_model(err))
		return false;
	if (!scratch_make(&out->folder))
		return error_set(err, ERROR_IO, "no scratch folder");
	out->now_s = TEST_PORTAL_TIME;
	out->dir = scratch_path(&out->folder, "portal");
	AUTO(drop_str) char *pem = test_portal_path(out, "roots.pem");
	return copy_model(out->dir, err) &&
	       authority_open(&out->a, out->dir, clock_fixed(&out->now_s), err) &&
	       file_read(&roots, pem, err) &&
	       trust_from_pem(&out->trust, buf_slice(&roots), err);
}

bool test_portal_reopen(struct test_portal *p, struct error *err)
{
	drop_authority(&p->a);
	p->a = NULL;
	return authority_open(&p->a, p->dir, clock_fixed(&p->now_s), err);
}

void test_portal_free(struct test_portal *p)
{
	drop_authority(&p->a);
	trust_free(&p->trust);
	free(p->dir);
	scratch_remove(&p->folder);
}

char *test_portal_path(const struct test_portal *p, const char *name)
{
	return mem_format("%s/%s", p->dir, name);
}

struct key *test_portal_key(size_t number)
{
	struct error err = { 0 };

	if (number >= TEST_PORTAL_KEYS)
		abort();
	if (keys[number].pkey == NULL && !key_new(&keys[number], KEY_RSA2048, &err))
		abort();
	return &keys[number];
}

bool test_portal_csr(struct csr *out, size_t key, const char *cn, const char *email,
                     struct error *err)
{
	const struct csr_subject subject = { .cn = cn, .email = email };
	AUTO(buf_free) struct buf pem = BUF_INIT(CSR_MAX_BYTES);

	return csr_build(&pem, &subject, test_portal_key(key), err) &&
	       csr_parse(out, buf_slice(&pem), err);
}

bool test_portal_cert(char serial[64], struct test_portal *p,
                      enum authority_cert_type type, size_t key, struct error *err)
{
	AUTO(authority_cert_list_free) struct authority_cert_list issued = { 0 };
	AUTO(csr_free) struct csr csr = { 0 };

	if (!test_portal_csr(&csr, key, "Jürgen Groß", "j@ex.example", err) ||
	    !authority_cert_issue(&issued, p->a, &csr, type, false, err))
		return false;
	if (serial != NULL)
		snprintf(serial, 64, "%s", issued.items[0].serial);
	return true;
}

void test_portal_udid(char out[32], size_t number)
{
	snprintf(out, 32, "00008110-%016zX", number);
}
