/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages that others have made: Apple's own samples and parser tests.
 */
#include <dirent.h>

#include "crypto/cms.h"
#include "support/harness.h"
#include "util/file.h"
#include "util/mem.h"

#define VECTORS TESTDATA_DIR "/vectors/"

static bool is_there(void)
{
	DIR *dir = opendir(VECTORS "cms");

	if (dir == NULL) {
		printf("# skipped: no test data\n");
		return false;
	}
	closedir(dir);
	return true;
}

static bool load(struct buf *out, const char *folder, const char *name,
                 struct error *err)
{
	AUTO(drop_str) char *path = mem_format("%s%s/%s", VECTORS, folder, name);

	*out = BUF_INIT(CMS_MAX_BYTES);
	return file_read(out, path, err);
}

TEST(judges_the_samples_as_their_makers_do)
{
	static const struct {
		const char *name, *why; /* NULL: it fits */
	} cases[] = {
		{ "attached_no_data_signed_data-attached_no_data_signed_data_der.cms",
		  NULL },
		{ "cms-01-basic-ec_md5.cms", "the digest is not accepted" },
		{ "cms-01-basic-ec_sha1_attr.cms", NULL },
		{ "cms-01-basic-ec_sha256_attr.cms", NULL },
		{ "cms-01-basic-new_sig_alg_rsa_sha256.cms", NULL },
		{ "cms-01-basic-rsa_md5_attr.cms", "the digest is not accepted" },
		{ "cms-01-basic-rsa_sha1_attr.cms", NULL },
		{ "cms-01-basic-rsa_sha256_attr.cms", NULL },
		{ "si-cms-hash-agility-data-V2_valid_message.cms", NULL },
		{ "si-cms-hash-agility-data-invalid_message.cms",
		  "the signature does not fit" },
		{ "si-cms-hash-agility-data-valid_message.cms", NULL },
		{ "si-cms-hash-agility-data-valid_no_attr.cms", NULL },
		{ "rustcrypto-cms_der.bin", NULL },
	};
	struct error err = { 0 };
	AUTO(buf_free) struct buf detached = { 0 };

	if (!is_there())
		return;
	REQUIRE_OK(load(&detached, "cms", "si-cms-hash-agility-data-content.bin", &err),
	           &err);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(buf_free) struct buf bytes = { 0 };
		AUTO(cms_free) struct cms cms = { 0 };

		printf("# %s\n", cases[i].name);
		REQUIRE_OK(load(&bytes, "cms", cases[i].name, &err), &err);
		REQUIRE_OK(cms_parse(&cms, buf_slice(&bytes), &err), &err);
		bool ok =
			cms_check(&cms,
		                  cms.has_content ? cms.content : buf_slice(&detached),
		                  &err);
		if (cases[i].why == NULL)
			REQUIRE_OK(ok, &err);
		else
			CHECK_FAILS(ok, &err, ERROR_VERIFY, cases[i].why);
	}
}

static bool load_message(struct cms *out, const char *name)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf bytes = { 0 };

	return test_ok(load(&bytes, "cms", name, &err) &&
	                       cms_parse(out, buf_slice(&bytes), &err),
	               &err, __FILE__, __LINE__, name);
}

TEST(finds_the_digests_of_code_directories)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf v1 = { 0 };
	AUTO(cms_free) struct cms new = { 0 };
	AUTO(cms_free) struct cms old = { 0 };

	if (!is_there())
		return;
	REQUIRE(load_message(&new, "si-cms-hash-agility-data-V2_valid_message.cms"));
	const struct cms_attr *attr = cms_attr(&new, "1.2.840.113635.100.9.2");
	/* Two values, the SHA-256 one before the SHA-1 one. */
	CHECK(attr != NULL && attr->value.n == 47 + 31 && attr->value.p[1] == 45);

	REQUIRE(load_message(&old, "si-cms-hash-agility-data-valid_message.cms"));
	CHECK(load(&v1, "cms", "si-cms-hash-agility-data-attribute.bin", &err));
	attr = cms_attr(&old, "1.2.840.113635.100.9.1");
	CHECK(attr != NULL && attr->value.n > 2 &&
	      slice_equal(slice_of(attr->value.p + 2, attr->value.n - 2),
	                  buf_slice(&v1)));
}

/* Reads every file of the folder; counts those that can be read. */
static size_t count_readable(const char *folder, size_t *files)
{
	AUTO(drop_str) char *path = mem_format("%s%s", VECTORS, folder);
	DIR *dir = opendir(path);
	size_t readable = 0;

	*files = 0;
	for (struct dirent *e; dir != NULL && (e = readdir(dir)) != NULL;) {
		struct error err = { 0 };
		AUTO(buf_free) struct buf bytes = { 0 };
		AUTO(cms_free) struct cms cms = { 0 };

		if (e->d_name[0] == '.' || !load(&bytes, folder, e->d_name, &err))
			continue;
		*files += 1;
		if (cms_parse(&cms, buf_slice(&bytes), &err)) {
			readable++;
			/* Whatever it says, it says it with a message. */
			CHECK(cms_check(&cms, cms.content, &err) ||
			      err.message[0] != '\0');
		}
	}
	if (dir != NULL)
		closedir(dir);
	return readable;
}

TEST(reads_what_apple_reads_and_refuses_what_apple_refuses)
{
	size_t files = 0;

	if (!is_there())
		return;
	CHECK(count_readable("parse/ParseFailureCMS", &files) == 0);
	CHECK(files == 20);
	/*
	 * Three not: one is no SignedData, one has an INTEGER without content, one
	 * has bytes of another type where revocation lists belong.
	 */
	CHECK(count_readable("parse/ParseSuccessCMS", &files) == 7);
	CHECK(files == 10);
}
