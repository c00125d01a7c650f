/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judge on code and the form of its signature (spec codesign.md 2.10, 9.2 a to c,
 * 9.5).  Numbers are cases of section 11.
 */
#include "macho/read.h"
#include "support/forge.h"
#include "support/harness.h"
#include "util/bytes.h"

#define KIT   "Frameworks/Kit.framework"
#define DYLIB "Frameworks/libx.dylib"
#define SHARE "PlugIns/Share.appex"

/* ---- is there a signature? ---- */

static void leave_unsigned(struct forge_code *c)
{
	c->leave_unsigned = true;
}

static void sign_adhoc(struct forge_code *c)
{
	c->by = (struct forge_signer){ 0 };
	c->how.flags = CODEDIR_FLAG_ADHOC;
	c->how.team = NULL;
}

/* The flag alone, or an empty message alone, is enough. */
static void flag_adhoc(struct forge_code *c)
{
	c->how.flags = CODEDIR_FLAG_ADHOC;
}

static void empty_message(struct buf *cms)
{
	cms->n = 0;
}

TEST(unsigned_code_is_refused)
{
	/* 13, 37 */
	check_case(&(struct forge_case){ .reason = "code.unsigned",
	                                 .plan = leave_unsigned });
	check_case(&(struct forge_case){
		.reason = "code.unsigned", .at = KIT, .plan = leave_unsigned });
	check_case(&(struct forge_case){
		.reason = "lib.unsigned", .at = DYLIB, .plan = leave_unsigned });
	check_case(&(struct forge_case){ .reason = "lib.unsigned",
	                                 .at = KIT "/libinner.dylib",
	                                 .plan = leave_unsigned });
}

TEST(ad_hoc_code_is_refused)
{
	/* 14 */
	check_case(&(struct forge_case){ .reason = "sig.adhoc", .plan = sign_adhoc });
	check_case(&(struct forge_case){ .reason = "sig.adhoc", .plan = flag_adhoc });
	check_case(&(struct forge_case){ .reason = "sig.adhoc",
	                                 .message = empty_message });
	check_case(&(struct forge_case){
		.reason = "sig.adhoc", .at = KIT, .plan = sign_adhoc });
	/* nobody looks at a loose library before it is loaded (9.2) */
	check_case(&(struct forge_case){ .reason = "lib.bad-signature",
	                                 .text = "ad hoc",
	                                 .at = DYLIB,
	                                 .plan = sign_adhoc });
}

/* ---- the form ---- */

/* Byte 39 is the page size: none, so that all code is one page. */
static void one_page(struct forge_code *c)
{
	c->how.page_size_log2 = 16;
}

static void say_one_page(struct buf *cd, size_t i)
{
	(void)i;
	cd->p[39] = 0;
}

static void pages_of_16k(struct forge_code *c)
{
	c->how.page_size_log2 = 14;
}

static void pages_of_8k(struct forge_code *c)
{
	c->how.page_size_log2 = 13;
}

static void same_digest_twice(struct forge_code *c)
{
	c->digests[c->digest_count++] = DIGEST_SHA256;
}

/* Bytes between the index and the first blob: everything moves by eight. */
static void leave_a_gap(struct buf *superblob)
{
	AUTO(buf_free) struct buf new = BUF_INIT(CODESIGN_MAX_BYTES);
	struct error err = { 0 };
	uint32_t count = load_be32(superblob->p + 8), index = 12 + 8 * count;

	CHECK(buf_append(&new, slice_of(superblob->p, index), &err) &&
	      buf_append_fill(&new, 0, 8, &err) &&
	      buf_append(&new, slice_of(superblob->p + index, superblob->n - index),
	                 &err));
	store_be32(new.p + 4, (uint32_t) new.n);
	for (size_t i = 0; i < count; i++) {
		unsigned char *offset = new.p + 16 + 8 * i;

		store_be32(offset, load_be32(offset) + 8);
	}
	buf_free(superblob);
	*superblob = new;
	new = (struct buf){ 0 };
}

static void trail_inside(struct buf *superblob)
{
	struct error err = { 0 };

	CHECK(buf_append_str(superblob, "tail", &err));
	store_be32(superblob->p + 4, (uint32_t)superblob->n);
}

static void trail_behind(struct buf *superblob)
{
	struct error err = { 0 };

	CHECK(buf_append_str(superblob, "tail", &err));
}

static void cut_short(struct buf *superblob)
{
	store_be32(superblob->p + 4, (uint32_t)superblob->n + (1U << 20));
}

static void is_garbage(struct buf *superblob)
{
	memset(superblob->p, 0x41, superblob->n);
}

/* LC_CODE_SIGNATURE is the last command; the slack behind it is zeros. */
static void longer_command(struct buf *head)
{
	unsigned char *command = head->p + head->n - 16;

	CHECK(load_le32(command) == 0x1d && load_le32(command + 4) == 16);
	store_le32(command + 4, 24);
	store_le32(head->p + 20, load_le32(head->p + 20) + 8);
}

static void wrong_magic(struct forge_code *c)
{
	static const unsigned char blob[12] = { 0xfa, 0xde, 0x0c, 0x02, 0, 0, 0, 12 };

	c->requirements = slice_of(blob, sizeof blob);
}

static void scatter(struct buf *cd, size_t i)
{
	(void)i;
	store_be32(cd->p + 44, 88);
}

/* The smallest there is, with nothing behind it. */
static void tiny_directory(struct forge_code *c)
{
	sign_adhoc(c);
	c->how.identifier = "x";
	c->how.has_platform = false;
	c->how.page_size_log2 = 14;
	c->digests[0] = DIGEST_SHA1;
	c->no_xml = c->no_der = true;
	c->absent = ~0U;
}

static void only_directory(struct buf *superblob)
{
	uint32_t at = load_be32(superblob->p + 16);
	uint32_t n = load_be32(superblob->p + at + 4);

	memmove(superblob->p + 20, superblob->p + at, n);
	store_be32(superblob->p + 4, 20 + n);
	store_be32(superblob->p + 8, 1);
	store_be32(superblob->p + 16, 20);
	superblob->n = 20 + n;
	CHECK(n < 108);
}

TEST(a_malformed_signature_is_refused)
{
	/* 41 */
	check_case(&(struct forge_case){ .reason = "sig.malformed",
	                                 .text = "one page for all",
	                                 .plan = one_page,
	                                 .directory = say_one_page });
	check_case(&(struct forge_case){
		.reason = "sig.malformed", .text = "8192", .plan = pages_of_8k });
	check_case(&(struct forge_case){ .reason = "sig.malformed",
	                                 .text = "same digest",
	                                 .plan = same_digest_twice });
	check_case(&(struct forge_case){ .reason = "sig.malformed",
	                                 .text = "back to back",
	                                 .blob = leave_a_gap });
	check_case(&(struct forge_case){ .reason = "sig.malformed",
	                                 .text = "behind the last blob",
	                                 .blob = trail_inside });
	check_case(&(struct forge_case){ .reason = "sig.malformed",
	                                 .text = "behind the signature",
	                                 .blob = trail_behind });
	check_case(&(struct forge_case){
		.reason = "sig.malformed", .text = "cut short", .blob = cut_short });
	check_case(&(struct forge_case){
		.reason = "sig.malformed", .text = "begin", .blob = is_garbage });
	check_case(&(struct forge_case){
		.reason = "sig.malformed", .text = "24", .commands = longer_command });
	check_case(&(struct forge_case){ .reason = "sig.malformed",
	                                 .text = "another kind (fade0c02)",
	                                 .plan = wrong_magic });
	check_case(&(struct forge_case){
		.reason = "sig.malformed", .text = "scatter", .directory = scatter });
	check_case(&(struct forge_case){
		.reason = "sig.malformed",
		.text = "108 bytes",
		.also = { "sig.version-old", "sig.adhoc", "ent.appid-mismatch",
	                  "seal.infoplist", "slot.resources-mismatch" },
		.plan = tiny_directory,
		.blob = only_directory });
}

TEST(pages_of_16_kilobytes_are_fine)
{
	check_case(&(struct forge_case){ .plan_all = pages_of_16k });
}

TEST(in_a_loose_library_it_is_found_at_launch)
{
	check_case(&(struct forge_case){ .reason = "lib.bad-signature",
	                                 .text = "begin",
	                                 .at = DYLIB,
	                                 .blob = is_garbage });
	check_case(&(struct forge_case){ .reason = "lib.bad-signature",
	                                 .text = "back to back",
	                                 .at = DYLIB,
	                                 .blob = leave_a_gap });
	check_case(&(struct forge_case){
		.reason = "sig.malformed", .at = KIT, .blob = leave_a_gap });
}

/* ---- special slots and further blobs ---- */

static const unsigned char constraints[16] = { 0xfa, 0xde, 0x81, 0x81, 0, 0, 0, 16 };
static const unsigned char unknown[16] = { 0xfa, 0xde, 0x99, 0x99, 0, 0, 0, 16 };

static void add(struct forge_code *c, uint32_t slot, const unsigned char blob[16])
{
	c->extra[c->extra_count++] =
		(struct superblob_entry){ .slot = slot, .blob = slice_of(blob, 16) };
}

static void add_unknown(struct forge_code *c)
{
	add(c, 0x4242, unknown);
	add(c, 12, unknown);
}

static void add_constraints(struct forge_code *c)
{
	add(c, SLOT_CONSTRAINT, constraints);
	add(c, SLOT_CONSTRAINT_LAST, constraints);
}

static void constraints_not_signed(struct forge_code *c)
{
	add_constraints(c);
	c->absent = FORGE_SLOT(SLOT_CONSTRAINT_LAST);
}

static void constraints_changed(struct forge_code *c)
{
	add_constraints(c);
	c->signed_as[SLOT_CONSTRAINT] = slice_str("else");
}

static void constraints_of_no_kind(struct forge_code *c)
{
	add(c, SLOT_CONSTRAINT, unknown);
}

static void wrong_der_hash(struct forge_code *c)
{
	c->signed_as[SLOT_ENTITLEMENTS_DER] = slice_str("else");
}

static void der_not_signed(struct forge_code *c)
{
	c->absent = FORGE_SLOT(SLOT_ENTITLEMENTS_DER);
}

static void xml_not_signed(struct forge_code *c)
{
	c->absent = FORGE_SLOT(SLOT_ENTITLEMENTS);
}

static void der_gone(struct forge_code *c)
{
	c->no_der = true;
	c->signed_as[SLOT_ENTITLEMENTS_DER] = slice_str("what was there");
}

static void wrong_requirements(struct forge_code *c)
{
	c->signed_as[SLOT_REQUIREMENTS] = slice_str("else");
}

/* Where DER entitlements are not asked for. */
static void for_ios_13(struct forge *f)
{
	forge_info(f, "Info.plist", "MinimumOSVersion", pl_new_string("13.0"));
}

static void on_ios_14(struct forge *f)
{
	f->request.device.os_version = 14U << 16;
}

TEST(unknown_blobs_are_ignored)
{
	/* 41 */
	check_case(&(struct forge_case){ .plan = add_unknown });
	check_case(&(struct forge_case){ .plan = add_constraints });
}

TEST(every_blob_is_the_one_that_was_signed)
{
	/* 41 */
	check_case(&(struct forge_case){ .reason = "slot.der-mismatch",
	                                 .text = "other bytes",
	                                 .plan = wrong_der_hash });
	/* a blob of which the code directory knows nothing is none of the signer's */
	check_case(&(struct forge_case){ .reason = "slot.der-mismatch",
	                                 .text = "was not signed",
	                                 .plan = der_not_signed });
	check_case(&(struct forge_case){ .reason = "slot.der-mismatch",
	                                 .text = "was not signed",
	                                 .plan = xml_not_signed });
	check_case(&(struct forge_case){ .reason = "slot.der-mismatch",
	                                 .text = "it is missing",
	                                 .app = { .app_only = true },
	                                 .before = for_ios_13,
	                                 .plan = der_gone,
	                                 .ask = on_ios_14 });
	check_case(&(struct forge_case){ .reason = "slot.requirements-mismatch",
	                                 .plan = wrong_requirements });
	check_case(&(struct forge_case){ .reason = "slot.constraint-mismatch",
	                                 .text = "other bytes",
	                                 .plan = constraints_changed });
	check_case(&(struct forge_case){ .reason = "slot.constraint-mismatch",
	                                 .text = "was not signed",
	                                 .plan = constraints_not_signed });
	check_case(&(struct forge_case){ .reason = "sig.malformed",
	                                 .text = "another kind (fade9999)",
	                                 .plan = constraints_of_no_kind });
}

/* ---- every byte ---- */

/* The signature of the app's code, where it stands in the file. */
struct area {
	size_t start, message, end; /* the message is the last blob */
};

static bool find_area(struct area *out, const struct buf *file)
{
	struct error err = { 0 };
	struct superblob sb;
	struct macho m;

	if (!macho_parse(&m, buf_slice(file), &err))
		return test_ok(false, &err, __FILE__, __LINE__, "macho_parse");
	struct slice area = macho_signature(&m.slices[0]);
	if (!superblob_parse(&sb, area, &err))
		return test_ok(false, &err, __FILE__, __LINE__, "superblob_parse");
	out->start = (size_t)(area.p - file->p);
	out->message = (size_t)(superblob_find(&sb, SLOT_CMS).p - file->p);
	out->end = out->start + sb.length;
	return true;
}

/* Judge the app with these bytes as its code: true: it is admitted. */
static bool is_admitted_with(const struct forge *f, struct slice code)
{
	AUTO(verdict_free) struct verdict v = { 0 };
	struct error err = { 0 };

	forge_put_bytes(f, "App", code);
	return test_ok(forge_judge(&v, f, &err), &err, __FILE__, __LINE__, "judge") &&
	       findings_decisive(&v.findings, STAGE_LAUNCH) == NULL;
}

TEST(no_byte_of_a_signature_can_be_changed_unnoticed)
{
	AUTO(forge_free) struct forge f = { 0 };
	AUTO(buf_free) struct buf file = BUF_INIT(FORGE_MAX_FILE);
	const struct forge_case how = { .app.app_only = true };
	struct error err = { 0 };
	struct area area = { 0 };

	REQUIRE_OK(forge_make(&f, &how, &err), &err);
	forge_read(&file, &f, "App");
	REQUIRE(find_area(&area, &file));
	for (size_t i = area.start; i < area.message; i += 5) {
		file.p[i] ^= 0x40;
		CHECK(!is_admitted_with(&f, buf_slice(&file)));
		file.p[i] ^= 0x40;
	}
	/* a message has bytes that nobody signs: those need only do no harm */
	for (size_t i = area.message; i < area.end + 16; i += 29) {
		file.p[i] ^= 0x40;
		(void)is_admitted_with(&f, buf_slice(&file));
		file.p[i] ^= 0x40;
	}
	CHECK(is_admitted_with(&f, buf_slice(&file)));
}

TEST(code_that_is_cut_short_anywhere_is_refused)
{
	AUTO(forge_free) struct forge f = { 0 };
	AUTO(buf_free) struct buf file = BUF_INIT(FORGE_MAX_FILE);
	const struct forge_case how = { .app.app_only = true };
	struct error err = { 0 };

	REQUIRE_OK(forge_make(&f, &how, &err), &err);
	forge_read(&file, &f, "App");
	for (size_t n = 0; n < file.n; n += 197)
		CHECK(!is_admitted_with(&f, slice_of(file.p, n)));
	CHECK(!is_admitted_with(&f, slice_of(file.p, file.n - 1)));
}
