/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chains: what the fake PKI and the openssl program issue, put together and judged.
 */
#include "crypto/trust.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <time.h>

#include "crypto/issue.h"
#include "support/fake_pki.h"
#include "support/harness.h"
#include "support/openssl_tool.h"
#include "util/mem.h"

#define ARC "1.2.840.113635.100."

static struct scratch shared;

/* ---- certificates by openssl: NAME.key and NAME.pem in a folder ---- */

static struct scratch *folder(void)
{
	if (shared.path[0] == '\0' && !scratch_make(&shared))
		abort();
	return &shared;
}

__attribute__((destructor)) static void remove_folder(void)
{
	scratch_remove(&shared);
}

#define P256    "EC -pkeyopt ec_paramgen_curve:P-256"
#define A_CA    "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"
#define KEY_IDS "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"

struct made {
	const char *name, *issuer; /* issuer NULL: self-signed */
	const char *extensions;    /* lines of openssl's configuration */
	const char *key;           /* algorithm; NULL: P-256 */
	const char *subject;       /* NULL: /CN=NAME */
};

static struct cert load(const char *name)
{
	AUTO(drop_str) char *file = mem_format("%s.pem", name);
	AUTO(buf_free) struct buf pem = scratch_read(folder(), file);
	struct cert cert = { 0 };
	struct error err = { 0 };

	if (!cert_parse(&cert, buf_slice(&pem), &err))
		abort();
	return cert;
}

static struct cert make(struct made how)
{
	const char *by = how.issuer != NULL ? how.issuer : how.name;
	AUTO(drop_str)
	char *subject = how.subject != NULL ? mem_copy(how.subject)
	                                    : mem_format("/CN=%s", how.name);

	scratch_write(folder(), "ext", slice_str(how.extensions));
	if (!openssl_tool(folder(), "genpkey -algorithm %s -out %s.key",
	                  how.key != NULL ? how.key : P256, how.name) ||
	    !openssl_tool(folder(), "req -new -utf8 -key %s.key -subj '%s' -out csr",
	                  how.name, subject))
		abort();
	bool ok =
		how.issuer == NULL
			? openssl_tool(folder(),
	                               "x509 -req -in csr -signkey %s.key -extfile ext "
	                               "-out %s.pem -days 30",
	                               by, how.name)
			: openssl_tool(folder(),
	                               "x509 -req -in csr -CA %s.pem -CAkey %s.key "
	                               "-extfile ext -out %s.pem -days 30 "
	                               "-CAcreateserial",
	                               by, by, how.name);
	if (!ok)
		abort();
	return load(how.name);
}

/* ---- judging ---- */

static void add(struct cert_list *list, const struct cert *cert)
{
	struct cert copy = { 0 };
	struct error err = { 0 };

	if (!cert_copy(&copy, cert, &err))
		abort();
	cert_list_add(list, &copy);
}

/* Whose fault it was last time: the chain's certificates do not outlive judge(). */
static char blamed[64];

/* The problem of leaf under root, with others (NULL-terminated) found on the way. */
static enum trust_problem judge(struct trust_chain *chain, const struct cert *root,
                                const struct cert *leaf,
                                const struct cert *const *others)
{
	AUTO(trust_free) struct trust trust = { 0 };
	AUTO(cert_list_free) struct cert_list extra = { 0 };

	add(&trust.roots, root);
	for (; others != NULL && *others != NULL; others++)
		add(&extra, *others);
	trust_build(chain, &trust, leaf, &extra);
	CHECK(trust_problem_text(chain->problem)[0] != '\0');
	CHECK((chain->culprit == NULL) == (chain->problem == TRUST_OK));
	snprintf(blamed, sizeof blamed, "%s",
	         chain->culprit != NULL ? chain->culprit->cn : "");
	CHECK(ERR_peek_error() == 0);
	return chain->problem;
}

/* The same for root, one intermediate and a leaf made from these extensions. */
static enum trust_problem judge_made(const char *root_ext, const char *ca_ext,
                                     const char *leaf_ext)
{
	struct trust_chain chain;
	AUTO(cert_free)
	struct cert root = make((struct made){ "r", NULL, root_ext, NULL, NULL });
	AUTO(cert_free)
	struct cert ca = make((struct made){ "i", "r", ca_ext, NULL, NULL });
	AUTO(cert_free)
	struct cert leaf = make((struct made){ "l", "i", leaf_ext, NULL, NULL });
	const struct cert *const others[] = { &ca, NULL };

	return judge(&chain, &root, &leaf, others);
}

TEST(builds_a_chain_of_three)
{
	const struct fake_pki *pki = fake_pki();
	const struct cert *const others[] = { &pki->iphone_ca.cert, &pki->root.cert,
		                              &pki->wwdr.cert, NULL };
	struct trust_chain chain;

	CHECK(judge(&chain, &pki->root.cert, &pki->developer.cert, others) == TRUST_OK);
	CHECK(chain.count == 3 && chain.certs[0] == &pki->developer.cert);
	/* The root is the store's, whatever came along. */
	trust_build(&chain, &pki->trust, &pki->developer.cert, NULL);
	CHECK(chain.problem == TRUST_NO_ISSUER && chain.culprit == chain.certs[0]);
	CHECK(judge_made(A_CA, A_CA, "") == TRUST_OK);
}

TEST(takes_intermediates_of_the_store)
{
	const struct fake_pki *pki = fake_pki();
	AUTO(trust_free) struct trust trust = { 0 };
	struct trust_chain chain;

	add(&trust.roots, &pki->root.cert);
	add(&trust.intermediates, &pki->iphone_ca.cert);
	add(&trust.intermediates, &pki->wwdr.cert);
	trust_build(&chain, &trust, &pki->developer.cert, NULL);
	CHECK(chain.problem == TRUST_OK && chain.count == 3);
	CHECK(chain.certs[1] == &trust.intermediates.items[1]);
	CHECK(chain.certs[2] == &trust.roots.items[0]);
}

/* P34: the intermediates of all generations have one name. */
TEST(picks_the_issuer_by_its_key)
{
	static const char *const leaf_ext[] = { KEY_IDS,
		                                "authorityKeyIdentifier=none\n" };
	AUTO(cert_free)
	struct cert root =
		make((struct made){ "root", NULL, A_CA KEY_IDS, NULL, NULL });
	struct cert ca[3] = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(ca); i++) {
		static const char *const names[] = { "g1", "g2", "g3" };

		ca[i] = make((struct made){ names[i], "root", A_CA KEY_IDS, NULL,
		                            "/CN=WWDR" });
	}
	for (size_t i = 0; i < ARRAY_LEN(leaf_ext) * 3; i++) {
		static const char *const names[] = { "g1", "g2", "g3" };
		const struct cert *const others[] = { &ca[0], &ca[1], &ca[2], NULL };
		struct trust_chain chain;
		AUTO(cert_free)
		struct cert leaf = make((struct made){ "leaf", names[i % 3],
		                                       leaf_ext[i / 3], NULL, NULL });
		AUTO(trust_free) struct trust trust = { 0 };

		printf("# %zu\n", i);
		add(&trust.roots, &root);
		for (size_t j = 0; j < ARRAY_LEN(ca); j++)
			add(&trust.intermediates, others[j]);
		trust_build(&chain, &trust, &leaf, NULL);
		CHECK(chain.problem == TRUST_OK && chain.count == 3);
		CHECK(chain.certs[1] == &trust.intermediates.items[i % 3]);
		/* The right one missing: with a key identifier we know that. */
		const struct cert *const wrong[] = { others[(i + 1) % 3],
			                             others[(i + 2) % 3], NULL };
		enum trust_problem got = judge(&chain, &root, &leaf, wrong);
		CHECK(got == (i / 3 == 0 ? TRUST_NO_ISSUER : TRUST_BAD_SIGNATURE));
		CHECK(chain.culprit == &leaf);
	}
	for (size_t i = 0; i < ARRAY_LEN(ca); i++)
		cert_free(&ca[i]);
}

/* One key, two certificates: Apple renews intermediates that way. */
TEST(prefers_the_certificate_that_is_valid_longest)
{
	const struct fake_pki *pki = fake_pki();
	struct error err = { 0 };
	struct issue how = { .cn = "Fake Developer Relations",
		             .ou = "FAKETEAM01",
		             .o = "Look-alike",
		             .country = "US",
		             .not_before_s = FAKE_NOW_S,
		             .is_ca = true,
		             .public_key = pki->wwdr.key.pkey,
		             .issuer = &pki->root.cert,
		             .issuer_key = &pki->root.key };
	AUTO(cert_free) struct cert sooner = { 0 };
	AUTO(cert_free) struct cert later = { 0 };
	AUTO(trust_free) struct trust trust = { 0 };
	struct trust_chain chain;

	how.not_after_s = pki->wwdr.cert.not_after_s - 1;
	REQUIRE_OK(cert_issue(&sooner, &how, &err), &err);
	how.not_after_s = pki->wwdr.cert.not_after_s + 1;
	REQUIRE_OK(cert_issue(&later, &how, &err), &err);
	add(&trust.roots, &pki->root.cert);
	add(&trust.intermediates, &sooner);
	add(&trust.intermediates, &later);
	add(&trust.intermediates, &pki->wwdr.cert);
	trust_build(&chain, &trust, &pki->developer.cert, NULL);
	CHECK(chain.problem == TRUST_OK && chain.count == 3);
	CHECK(chain.certs[1] == &trust.intermediates.items[1]);
}

/* P36 */
TEST(names_in_any_script_make_chains)
{
	struct trust_chain chain;
	AUTO(cert_free)
	struct cert root = make((struct made){ "r", NULL, A_CA, NULL,
	                                       "/CN=Wurzel \xc3\xa4\xc3\xb6\xc3\xbc" });
	AUTO(cert_free)
	struct cert ca = make(
		(struct made){ "i", "r", A_CA, NULL,
	                       "/CN=\xe4\xb8\xad\xe9\x97\xb4/O=\xf0\x9f\x94\x91" });
	AUTO(cert_free)
	struct cert leaf =
		make((struct made){ "l", "i", "", NULL, "/CN=Bj\xc3\xb8rn \xd0\x96" });
	const struct cert *const others[] = { &ca, NULL };

	CHECK(judge(&chain, &root, &leaf, others) == TRUST_OK);
	CHECK_STR(chain.certs[0]->cn, "Bj\xc3\xb8rn \xd0\x96");
}

/* ---- rules of one certificate ---- */

TEST(an_unknown_critical_extension_is_refused_anywhere)
{
	static const char unknown[] = A_CA "1.2.3.4=critical,DER:0500\n";
	static const char near[] = "1.2.840.113635.101.6.1.2=critical,DER:0500\n";

	CHECK(judge_made(A_CA, A_CA, "1.2.3.4=critical,DER:0500\n") ==
	      TRUST_UNKNOWN_CRITICAL);
	CHECK(judge_made(A_CA, unknown, "") == TRUST_UNKNOWN_CRITICAL);
	CHECK(judge_made(unknown, A_CA, "") == TRUST_UNKNOWN_CRITICAL);
	CHECK(judge_made(A_CA, A_CA, near) == TRUST_UNKNOWN_CRITICAL);
	CHECK(judge_made(A_CA, A_CA, "subjectAltName=critical,DNS:x\n") ==
	      TRUST_UNKNOWN_CRITICAL);
	CHECK(judge_made(A_CA, A_CA, "1.2.3.4=DER:0500\n") == TRUST_OK);
	CHECK(judge_made(A_CA, A_CA,
	                 ARC "6.1.2=critical,DER:0500\n"
	                     "extendedKeyUsage=critical,codeSigning\n"
	                     "keyUsage=critical,digitalSignature\n"
	                     "basicConstraints=critical,CA:FALSE\n"
	                     "certificatePolicies=critical," ARC "5.1\n") == TRUST_OK);
}

TEST(an_issuer_must_be_an_authority)
{
	CHECK(judge_made(A_CA, "basicConstraints=critical,CA:FALSE\n", "") ==
	      TRUST_BAD_CA);
	CHECK(judge_made(A_CA, "", "") == TRUST_BAD_CA);
	CHECK(judge_made(A_CA,
	                 "basicConstraints=critical,CA:TRUE\n"
	                 "keyUsage=critical,cRLSign,digitalSignature\n",
	                 "") == TRUST_BAD_CA);
	CHECK(judge_made("basicConstraints=critical,CA:FALSE\n", A_CA, "") ==
	      TRUST_BAD_CA);
	/* Without any keyUsage everything is allowed. */
	CHECK(judge_made(A_CA, "basicConstraints=critical,CA:TRUE\n", "") == TRUST_OK);
	/* The leaf may be what it likes. */
	CHECK(judge_made(A_CA, A_CA, A_CA) == TRUST_OK);
}

TEST(path_lengths_are_kept)
{
	static const char zero[] = "basicConstraints=critical,CA:TRUE,pathlen:0\n";
	static const char one[] = "basicConstraints=critical,CA:TRUE,pathlen:1\n";

	CHECK(judge_made(A_CA, zero, "") == TRUST_OK);
	CHECK(judge_made(one, zero, "") == TRUST_OK);
	CHECK(judge_made(zero, zero, "") == TRUST_BAD_CA);
	CHECK(judge_made(zero, A_CA, "") == TRUST_BAD_CA);
}

TEST(says_which_certificate_is_to_blame)
{
	struct trust_chain chain;
	AUTO(cert_free)
	struct cert root = make((struct made){ "r", NULL, A_CA, NULL, NULL });
	AUTO(cert_free)
	struct cert ca = make((struct made){ "i", "r", "", NULL, NULL });
	AUTO(cert_free)
	struct cert leaf = make((struct made){ "l", "i", "", NULL, NULL });
	AUTO(trust_free) struct trust trust = { 0 };

	add(&trust.roots, &root);
	add(&trust.intermediates, &ca);
	trust_build(&chain, &trust, &leaf, NULL);
	CHECK(chain.problem == TRUST_BAD_CA && chain.count == 3);
	CHECK(chain.culprit == &trust.intermediates.items[0]);
}

TEST(keys_below_the_limit_are_refused_anywhere)
{
	static const struct {
		const char *key;
		bool is_accepted;
	} cases[] = {
		{ "RSA -pkeyopt rsa_keygen_bits:2047", false },
		{ "RSA -pkeyopt rsa_keygen_bits:2048", true },
		{ "EC -pkeyopt ec_paramgen_curve:P-224", false },
		{ P256, true },
		{ "EC -pkeyopt ec_paramgen_curve:P-384", true },
		{ "ED25519", false },
		{ "RSA-PSS -pkeyopt rsa_keygen_bits:2048", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases) * 3; i++) {
		enum trust_problem want =
			cases[i / 3].is_accepted ? TRUST_OK : TRUST_WEAK_KEY;
		const char *key = cases[i / 3].key;
		struct trust_chain chain;
		AUTO(cert_free)
		struct cert root = make((struct made){ "r", NULL, A_CA,
		                                       i % 3 == 2 ? key : NULL, NULL });
		AUTO(cert_free)
		struct cert ca = make(
			(struct made){ "i", "r", A_CA, i % 3 == 1 ? key : NULL, NULL });
		AUTO(cert_free)
		struct cert leaf = make(
			(struct made){ "l", "i", "", i % 3 == 0 ? key : NULL, NULL });
		const struct cert *const others[] = { &ca, NULL };

		if (!CHECK(judge(&chain, &root, &leaf, others) == want))
			printf("# %s at %zu\n", key, i % 3);
	}
}

/* ---- links ---- */

TEST(a_broken_signature_is_no_missing_issuer)
{
	const struct fake_pki *pki = fake_pki();
	struct error err = { 0 };
	const struct cert *const others[] = { &pki->wwdr.cert, NULL };
	AUTO(buf_free) struct buf der = BUF_INIT(CERT_MAX_BYTES);
	AUTO(cert_free) struct cert leaf = { 0 };
	AUTO(cert_free) struct cert ca = { 0 };
	struct trust_chain chain;

	REQUIRE(buf_append(&der, pki->developer.cert.der, &err));
	der.p[der.n - 1] ^= 1;
	REQUIRE_OK(cert_parse(&leaf, buf_slice(&der), &err), &err);
	CHECK(judge(&chain, &pki->root.cert, &leaf, others) == TRUST_BAD_SIGNATURE);
	CHECK(chain.culprit == &leaf && chain.count == 1);

	buf_free(&der);
	REQUIRE(buf_append(&der, pki->wwdr.cert.der, &err));
	der.p[der.n - 1] ^= 1;
	REQUIRE_OK(cert_parse(&ca, buf_slice(&der), &err), &err);
	const struct cert *const broken[] = { &ca, NULL };
	CHECK(judge(&chain, &pki->root.cert, &pki->developer.cert, broken) ==
	      TRUST_BAD_SIGNATURE);
	CHECK(chain.count == 2);
	/* A good one beside it is found, in either order. */
	const struct cert *const both[] = { &ca, &pki->wwdr.cert, NULL };
	const struct cert *const other[] = { &pki->wwdr.cert, &ca, NULL };
	CHECK(judge(&chain, &pki->root.cert, &pki->developer.cert, both) == TRUST_OK);
	CHECK(judge(&chain, &pki->root.cert, &pki->developer.cert, other) == TRUST_OK);
}

/* Roots are known by the hash of the whole certificate, not by their names. */
TEST(another_root_of_the_same_name_is_not_trusted)
{
	AUTO(cert_free)
	struct cert root = make((struct made){ "r", NULL, A_CA, NULL, "/CN=Root" });
	AUTO(cert_free)
	struct cert evil = make((struct made){ "e", NULL, A_CA, NULL, "/CN=Root" });
	AUTO(cert_free)
	struct cert ca = make((struct made){ "i", "e", A_CA, NULL, NULL });
	AUTO(cert_free)
	struct cert leaf = make((struct made){ "l", "i", "", NULL, NULL });
	const struct cert *const others[] = { &ca, &evil, NULL };
	struct trust_chain chain;

	CHECK(judge(&chain, &root, &leaf, others) == TRUST_NOT_ANCHORED);
	CHECK(chain.count == 3);
	CHECK_STR(blamed, "Root");
	CHECK(judge(&chain, &evil, &leaf, others) == TRUST_OK);
}

TEST(a_self_signed_leaf_is_not_trusted)
{
	AUTO(cert_free)
	struct cert root = make((struct made){ "r", NULL, A_CA, NULL, NULL });
	AUTO(cert_free)
	struct cert own = make((struct made){ "s", NULL, "", NULL, NULL });
	const struct cert *const others[] = { &own, &own, NULL };
	struct trust_chain chain;

	CHECK(judge(&chain, &root, &own, others) == TRUST_NOT_ANCHORED);
	CHECK(chain.count == 1 && chain.culprit == &own);
	/* Not even if it is a root of the store: a root signs no code. */
	CHECK(judge(&chain, &own, &own, NULL) == TRUST_NOT_ANCHORED);
}

/* A and B certify each other. */
TEST(a_circle_ends)
{
	struct trust_chain chain;
	AUTO(cert_free)
	struct cert root = make((struct made){ "r", NULL, A_CA, NULL, NULL });
	AUTO(cert_free)
	struct cert a1 = make((struct made){ "a", NULL, A_CA, NULL, NULL });
	AUTO(cert_free)
	struct cert b = make((struct made){ "b", "a", A_CA, NULL, NULL });
	AUTO(cert_free)
	struct cert leaf = make((struct made){ "l", "b", "", NULL, NULL });

	REQUIRE(openssl_tool(folder(), "req -new -key a.key -subj /CN=a -out csr"));
	scratch_write(folder(), "ext", slice_str(A_CA));
	REQUIRE(openssl_tool(folder(), "x509 -req -in csr -CA b.pem -CAkey b.key "
	                               "-extfile ext -out a2.pem -CAcreateserial"));
	AUTO(cert_free) struct cert a2 = load("a2");
	const struct cert *const others[] = { &a2, &b, NULL };
	CHECK(judge(&chain, &root, &leaf, others) == TRUST_TOO_LONG);
	CHECK(chain.count == TRUST_MAX_CHAIN);
}

TEST(limits_the_length)
{
	struct trust_chain chain;
	struct cert ca[TRUST_MAX_CHAIN];
	const struct cert *others[TRUST_MAX_CHAIN + 1] = { NULL };

	for (size_t i = 0; i < TRUST_MAX_CHAIN; i++) {
		AUTO(drop_str) char *name = mem_format("c%zu", i);
		AUTO(drop_str) char *issuer = mem_format("c%zu", i - 1);

		ca[i] = make(
			(struct made){ name, i > 0 ? issuer : NULL, A_CA, NULL, NULL });
		others[i] = &ca[i];
	}
	/* Its last is a leaf of 8; one below that is the ninth. */
	AUTO(cert_free)
	struct cert ninth = make((struct made){ "n", "c7", "", NULL, NULL });
	CHECK(judge(&chain, &ca[0], &ca[TRUST_MAX_CHAIN - 1], others) == TRUST_OK);
	CHECK(chain.count == TRUST_MAX_CHAIN);
	CHECK(judge(&chain, &ca[0], &ninth, others) == TRUST_TOO_LONG);
	for (size_t i = 0; i < TRUST_MAX_CHAIN; i++)
		cert_free(&ca[i]);
}

/* Each look-alike costs a signature check; thousands of them cost no more. */
TEST(many_candidates_do_not_make_it_slow)
{
	const struct fake_pki *pki = fake_pki();
	AUTO(cert_free)
	struct cert like = make((struct made){
		"w", NULL, A_CA, NULL,
		"/C=US/O=Look-alike/OU=FAKETEAM01/CN=Fake Developer Relations" });
	AUTO(cert_free) struct cert leaf = { 0 };
	AUTO(cert_list_free) struct cert_list extra = { 0 };
	struct trust_chain chain;
	struct error err = { 0 };
	struct issue how = { .cn = "leaf",
		             .not_before_s = FAKE_NOW_S,
		             .not_after_s = FAKE_NOW_S + 1,
		             .public_key = pki->developer.key.pkey,
		             .issuer = &like,
		             .issuer_key = &pki->wwdr.key };

	REQUIRE_OK(cert_issue(&leaf, &how, &err), &err);
	for (size_t i = 0; i < 2000; i++)
		add(&extra, &like);
	clock_t before = clock();
	trust_build(&chain, &pki->trust, &leaf, &extra);
	CHECK(chain.problem == TRUST_BAD_SIGNATURE);
	CHECK((clock() - before) / CLOCKS_PER_SEC < 2);
}

/* ---- dates ---- */

TEST(dates_count_to_the_second)
{
	const struct fake_pki *pki = fake_pki();
	struct error err = { 0 };
	struct issue how = { .cn = "leaf",
		             .not_before_s = FAKE_NOW_S,
		             .not_after_s = FAKE_NOW_S + 100,
		             .public_key = pki->developer.key.pkey,
		             .issuer = &pki->wwdr.cert,
		             .issuer_key = &pki->wwdr.key };
	AUTO(cert_free) struct cert leaf = { 0 };
	AUTO(cert_list_free) struct cert_list extra = { 0 };
	struct trust_chain chain;

	REQUIRE_OK(cert_issue(&leaf, &how, &err), &err);
	add(&extra, &pki->wwdr.cert);
	trust_build(&chain, &pki->trust, &leaf, &extra);
	REQUIRE(chain.problem == TRUST_OK);
	CHECK(trust_chain_expired(&chain, FAKE_NOW_S - 1) == &leaf);
	CHECK(trust_chain_expired(&chain, FAKE_NOW_S) == NULL);
	CHECK(trust_chain_expired(&chain, FAKE_NOW_S + 100) == NULL);
	CHECK(trust_chain_expired(&chain, FAKE_NOW_S + 101) == &leaf);
}

TEST(the_intermediate_must_be_valid_and_the_root_need_not)
{
	const struct fake_pki *pki = fake_pki();
	struct cert root = pki->root.cert, ca = pki->wwdr.cert,
		    leaf = pki->developer.cert;
	struct trust_chain chain = { .certs = { &leaf, &ca, &root }, .count = 3 };
	int64_t end_s = leaf.not_after_s;

	root.not_after_s = 0;
	CHECK(trust_chain_expired(&chain, end_s) == NULL);
	ca.not_after_s = end_s - 1;
	CHECK(trust_chain_expired(&chain, end_s) == &ca);
	ca.not_after_s = end_s;
	ca.not_before_s = end_s + 1;
	CHECK(trust_chain_expired(&chain, end_s) == &ca);
	/* Without a root at its end the last one counts as well. */
	ca.not_before_s = 0;
	chain.problem = TRUST_NO_ISSUER;
	CHECK(trust_chain_expired(&chain, end_s) == &root);
}
