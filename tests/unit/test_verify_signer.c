/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judge on the signed message and on who signed (spec codesign.md 5.2, 8.4, 9.2 d
 * to g).  Numbers are cases of section 11.
 */
#include <stdlib.h>

#include "crypto/issue.h"
#include "support/forge.h"
#include "support/harness.h"
#include "util/bytes.h"
#include "util/clock.h"

#define KIT         "Frameworks/Kit.framework"
#define DYLIB       "Frameworks/libx.dylib"
#define MARK        "1.2.840.113635.100.6.1."
#define DEVELOPMENT MARK "2"

/* ---- somebody else ---- */

/* Made once; in the profiles of a case where `list` says so. */
static struct fake_party somebody;
static struct forge_signer by;

static void somebody_free(void)
{
	fake_party_free(&somebody);
}

static void set_somebody(const struct fake_new *how, const struct fake_party *ca)
{
	struct fake_new new = *how;
	struct error err = { 0 };

	new.cn = new.cn != NULL ? new.cn : "Apple Development: Somebody (CCCCCCCCCC)";
	new.issuer = ca;
	fake_party_free(&somebody);
	somebody = (struct fake_party){ 0 };
	if (!test_ok(fake_party_make(&somebody, &new, &err), &err, __FILE__, __LINE__,
	             "fake_party_make"))
		return;
	by = (struct forge_signer){ .leaf = &somebody,
		                    .issuers = { ca, &fake_pki()->root },
		                    .issuer_count = 2 };
}

static void by_somebody(struct forge_code *c)
{
	c->by = by;
	c->how.team = somebody.cert.ou;
}

static void list_somebody(struct forge_profile *p)
{
	p->certs[p->how.cert_count++] = &somebody.cert;
}

/* All is signed by this one, whom the profiles list. */
static void check_signed_by(const struct fake_new *how, const struct fake_party *ca,
                            const char *reason, const char *text)
{
	set_somebody(how, ca);
	check_case(&(struct forge_case){ .reason = reason,
	                                 .text = text,
	                                 .app.app_only = true,
	                                 .all_profiles = list_somebody,
	                                 .plan_all = by_somebody });
}

/* ---- the message ---- */

static void flip_last(struct buf *cms)
{
	cms->p[cms->n - 1] ^= 1;
}

static void flip_first(struct buf *cms)
{
	cms->p[0] ^= 0x20;
}

static void two_signers(struct forge_code *c)
{
	c->also = forge_developer();
}

static void change_identifier(struct buf *superblob)
{
	struct error err = { 0 };
	struct superblob sb;

	if (!CHECK(superblob_parse(&sb, buf_slice(superblob), &err)))
		return;
	/* the last character of the identifier, which stands behind 88 bytes */
	size_t at = (size_t)(superblob_find(&sb, SLOT_CODEDIRECTORY).p - superblob->p);
	CHECK(superblob->p[at + 88 + strlen(GOOD_APP_ID) - 1] == 'p');
	superblob->p[at + 88 + strlen(GOOD_APP_ID) - 1] ^= 1;
}

TEST(the_message_is_sound_and_by_one_signer)
{
	/* 15, 17 */
	check_case(&(struct forge_case){ .reason = "cms.bad-signature",
	                                 .message = flip_last });
	check_case(&(struct forge_case){
		.reason = "cms.bad-signature",
		.also = { "cms.cdhash-mismatch", "ent.appid-mismatch" },
		.blob = change_identifier });
	check_case(&(struct forge_case){ .reason = "cms.malformed",
	                                 .message = flip_first });
	check_case(&(struct forge_case){
		.reason = "cms.multiple-signers", .text = "2", .plan = two_signers });
	check_case(&(struct forge_case){ .reason = "lib.bad-signature",
	                                 .text = "2",
	                                 .at = DYLIB,
	                                 .plan = two_signers });
}

static void sha1_message(struct forge_code *c)
{
	c->sha1_message = true;
}

TEST(old_messages_are_read_and_noted)
{
	check_case(&(struct forge_case){
		.noted = "cms.weak-digest", .text = "SHA-1", .plan = sha1_message });
}

/* ---- agility ---- */

static void wrong_v1(struct forge_code *c)
{
	c->wrong_v1 = true;
}

static void wrong_v2(struct forge_code *c)
{
	c->wrong_v2 = true;
}

static void only_v1(struct forge_code *c)
{
	c->no_v2 = true;
}

static void only_v2(struct forge_code *c)
{
	c->no_v1 = true;
}

static void neither(struct forge_code *c)
{
	c->no_v1 = c->no_v2 = true;
}

static void both_digests(struct forge_code *c)
{
	c->digests[0] = DIGEST_SHA1;
	c->digests[1] = DIGEST_SHA256;
	c->digest_count = 2;
}

static void both_digests_neither(struct forge_code *c)
{
	both_digests(c);
	neither(c);
}

/* Of the second code directory nothing but the attributes knows. */
static void change_second(struct buf *superblob)
{
	struct error err = { 0 };
	struct superblob sb;

	if (!CHECK(superblob_parse(&sb, buf_slice(superblob), &err)))
		return;
	size_t at = (size_t)(superblob_find(&sb, SLOT_ALTERNATE).p - superblob->p);
	superblob->p[at + 12 + 2] ^= 1; /* a flag */
}

TEST(the_attributes_name_every_code_directory)
{
	/* 16 */
	check_case(&(struct forge_case){ .reason = "cms.cdhash-mismatch",
	                                 .plan = wrong_v2 });
	check_case(&(struct forge_case){ .reason = "cms.cdhash-mismatch",
	                                 .plan = wrong_v1 });
	check_case(&(struct forge_case){ .plan = only_v1 });
	check_case(&(struct forge_case){ .plan = only_v2 });
	check_case(&(struct forge_case){ .plan = neither });
	check_case(&(struct forge_case){ .plan_all = both_digests });
	check_case(&(struct forge_case){ .reason = "cms.cdhash-mismatch",
	                                 .text = "two code directories",
	                                 .plan = both_digests_neither });
	check_case(&(struct forge_case){ .reason = "cms.cdhash-mismatch",
	                                 .plan = both_digests,
	                                 .blob = change_second });
}

/* The SHA-1 directory with the beginning of another hash for slot -2 (P26). */
static void hash_of_sha256(struct buf *cd, size_t i)
{
	const size_t size = 20;

	if (i == 0)
		memset(cd->p + load_be32(cd->p + 16) - 2 * size, 0x77, size);
}

TEST(each_code_directory_has_hashes_of_its_own)
{
	check_case(&(struct forge_case){ .reason = "slot.requirements-mismatch",
	                                 .text = "SHA-1",
	                                 .plan = both_digests,
	                                 .directory = hash_of_sha256 });
}

/* ---- the chain ---- */

static struct fake_party *other_ca(const char *marker, const struct fake_party *issuer)
{
	static struct fake_party parties[4];
	static size_t count;
	struct fake_party *party = &parties[count++];
	const struct fake_new how = {
		.cn = "Fake Other CA", .issuer = issuer, .marker = marker, .is_ca = true
	};
	struct error err = { 0 };

	CHECK(fake_party_make(party, &how, &err));
	return party;
}

static void no_intermediate(struct forge_code *c)
{
	c->by.issuers[0] = c->by.issuers[1];
	c->by.issuer_count = 1;
}

TEST(the_chain_is_one_for_developers)
{
	struct fake_pki *pki = fake_pki();
	const struct fake_new development = { .marker = DEVELOPMENT };
	struct fake_party *unmarked = other_ca(NULL, &pki->root);
	struct fake_party *below = other_ca(TRUST_OID_WWDR, &pki->wwdr);
	struct fake_party *elsewhere = other_ca(TRUST_OID_WWDR, NULL);

	atexit(somebody_free);
	check_signed_by(&development, &pki->wwdr, NULL, NULL);
	/* 20 */
	check_signed_by(&development, unmarked, "cert.untrusted", "marker");
	check_signed_by(&development, &pki->iphone_ca, "cert.untrusted", "marker");
	/* exactly three: not four, though each is marked; not two */
	set_somebody(&development, below);
	by.issuers[1] = &pki->wwdr;
	by.issuers[2] = &pki->root;
	by.issuer_count = 3;
	check_case(&(struct forge_case){ .reason = "cert.untrusted",
	                                 .text = "three certificates",
	                                 .app.app_only = true,
	                                 .all_profiles = list_somebody,
	                                 .plan_all = by_somebody });
	set_somebody(&development, &pki->root);
	by.issuer_count = 1;
	check_case(&(struct forge_case){ .reason = "cert.untrusted",
	                                 .text = "three certificates",
	                                 .app.app_only = true,
	                                 .all_profiles = list_somebody,
	                                 .plan_all = by_somebody });
	/* a root of its own */
	set_somebody(&development, elsewhere);
	by.issuer_count = 1;
	check_case(&(struct forge_case){ .reason = "cert.untrusted",
	                                 .text = "not among those trusted",
	                                 .app.app_only = true,
	                                 .all_profiles = list_somebody,
	                                 .plan_all = by_somebody });
	/* the intermediate is not in the message, nor in the store */
	check_case(&(struct forge_case){ .reason = "cert.untrusted",
	                                 .text = "missing",
	                                 .plan = no_intermediate });
}

TEST(the_certificate_is_for_signing_ios_code)
{
	struct fake_pki *pki = fake_pki();
	static const char *const good[] = { DEVELOPMENT, MARK "4", MARK "25.1" };
	static const char *const bad[] = {
		NULL,      MARK "7",  MARK "12",
		MARK "8",  MARK "9",  MARK "13",
		MARK "14", MARK "16", TRUST_OID_PROFILE_SIGNER
	};

	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		check_signed_by(&(struct fake_new){ .marker = good[i] }, &pki->wwdr,
		                NULL, NULL);
	/* 21 */
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		check_signed_by(&(struct fake_new){ .marker = bad[i] }, &pki->wwdr,
		                "cert.wrong-type", NULL);
	check_signed_by(&(struct fake_new){ .marker = DEVELOPMENT,
	                                    .signs_no_code = true },
	                &pki->wwdr, "cert.wrong-type", NULL);
}

static void no_profile(struct forge_profile *p)
{
	p->leave_out = true;
}

/* Apple's own re-signature: no profile, no dates, any claim. */
TEST(apps_of_the_store_need_no_profile_but_its_issuer)
{
	struct fake_pki *pki = fake_pki();
	const struct fake_new store = { .cn = "Apple iPhone OS Application Signing",
		                        .marker = MARK "3" };
	const struct fake_new tv = { .marker = MARK "24" };
	const struct fake_new software = { .marker = "1.2.840.113635.100.6.22" };
	const struct {
		const struct fake_new *how;
		const struct fake_party *ca;
		const char *reason;
	} cases[] = {
		{ &store, &pki->iphone_ca, NULL },
		{ &store, &pki->wwdr, "cert.untrusted" },
		{ &tv, &pki->wwdr, NULL },
		{ &tv, &pki->iphone_ca, "cert.untrusted" },
		{ &software, &pki->sysint_ca, NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		set_somebody(cases[i].how, cases[i].ca);
		check_case(&(struct forge_case){ .reason = cases[i].reason,
		                                 .app.app_only = true,
		                                 .profile = no_profile,
		                                 .plan_all = by_somebody });
	}
}

/* ---- dates ---- */

#define LEAF_END (FAKE_NOW_S + 10 * CLOCK_DAY_S)

static void at_end(struct forge *f)
{
	f->request.at_s = LEAF_END;
}

static void after_end(struct forge *f)
{
	f->request.at_s = LEAF_END + 1;
}

static void at_signing(struct forge *f)
{
	f->request.at_s = LEAF_END + 1000 * CLOCK_DAY_S;
	f->request.at_signing_time = true;
}

static void before_start(struct forge *f)
{
	f->request.at_s = FAKE_NOW_S - 1;
}

static void far_future(struct forge *f)
{
	f->request.at_s = FAKE_NOW_S + 730 * CLOCK_DAY_S;
}

static void list_long(struct forge_profile *p)
{
	list_somebody(p);
	p->how.created_s = FAKE_NOW_S - 400 * CLOCK_DAY_S;
	p->how.expires_s = FAKE_NOW_S + 2000 * CLOCK_DAY_S;
}

static void check_at(void (*ask)(struct forge *), const char *reason, const char *text)
{
	check_case(&(struct forge_case){ .reason = reason,
	                                 .text = text,
	                                 .app.app_only = true,
	                                 .all_profiles = list_long,
	                                 .plan_all = by_somebody,
	                                 .ask = ask });
}

TEST(certificates_are_good_to_their_last_second)
{
	struct fake_pki *pki = fake_pki();
	const struct fake_new shortly = { .marker = DEVELOPMENT,
		                          .not_before_s = FAKE_NOW_S,
		                          .not_after_s = LEAF_END };
	const struct fake_new forever = { .marker = DEVELOPMENT,
		                          .not_after_s =
		                                  FAKE_NOW_S + 3000 * CLOCK_DAY_S };

	/* 18 */
	set_somebody(&shortly, &pki->wwdr);
	check_at(at_end, NULL, NULL);
	check_at(after_end, "cert.expired", "before 2026-01-11");
	check_at(before_start, "cert.expired", "after 2026-01-01");
	check_at(at_signing, NULL, NULL);
	/* the intermediate's end counts as well, the root's does not */
	set_somebody(&forever, &pki->wwdr);
	check_at(far_future, "cert.expired", "Fake Developer Relations");
}

TEST(apps_of_the_store_do_not_expire)
{
	const struct fake_new store = { .marker = MARK "3", .not_after_s = LEAF_END };

	set_somebody(&store, &fake_pki()->iphone_ca);
	check_case(&(struct forge_case){ .app.app_only = true,
	                                 .profile = no_profile,
	                                 .plan_all = by_somebody,
	                                 .ask = after_end });
}

/* ---- team, requirement ---- */

static void other_team_in_directory(struct forge_code *c)
{
	c->how.team = "OTHERTEAM1";
}

static void no_team_in_directory(struct forge_code *c)
{
	c->how.team = NULL;
}

static void other_team_in_profile(struct forge_profile *p)
{
	p->how.team_id = "OTHERTEAM1";
}

TEST(certificate_code_and_profile_are_of_one_team)
{
	check_case(&(struct forge_case){ .reason = "team.mismatch",
	                                 .also = { "lib.team-mismatch" },
	                                 .text = "code directory OTHERTEAM1",
	                                 .plan = other_team_in_directory });
	check_case(&(struct forge_case){ .reason = "team.mismatch",
	                                 .also = { "lib.team-mismatch" },
	                                 .text = "code directory none",
	                                 .plan = no_team_in_directory });
	check_case(&(struct forge_case){ .reason = "team.mismatch",
	                                 .app.app_only = true,
	                                 .text = "profile OTHERTEAM1",
	                                 .profile = other_team_in_profile });
}

TEST(a_requirement_that_the_signature_does_not_satisfy_is_noted)
{
	check_case(&(struct forge_case){ .noted = "dr.not-satisfied",
	                                 .plan = forge_requirement_of_another });
	check_case(&(struct forge_case){ .noted = "dr.not-satisfied",
	                                 .at = KIT,
	                                 .plan = forge_requirement_of_another });
}
