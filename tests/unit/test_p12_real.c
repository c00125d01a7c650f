/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PKCS#12 files, keys, certificates and requests that others have made.
 */
#include "crypto/csr.h"
#include "crypto/p12.h"
#include "support/harness.h"
#include "support/secrets.h"
#include "util/file.h"
#include "util/mem.h"

#define FOLDER  TESTDATA_DIR "/identities/"
#define COLUMNS 7

/* A line of index.tsv. */
struct row {
	char file[100], type[40], password[60], encryption[400], content[100];
};

static void copy_field(char *out, size_t room, struct slice field)
{
	snprintf(out, room, "%.*s", (int)field.n, (const char *)field.p);
}

static bool next_row(struct row *out, struct slice *text)
{
	struct slice line, fields[COLUMNS];

	if (!slice_cut(*text, slice_str("\n"), &line, text))
		return false;
	for (size_t i = 0; i < COLUMNS; i++)
		if (!slice_cut(line, slice_str("\t"), &fields[i], &line))
			return false;
	copy_field(out->file, sizeof out->file, fields[0]);
	copy_field(out->type, sizeof out->type, fields[3]);
	copy_field(out->password, sizeof out->password, fields[4]);
	copy_field(out->encryption, sizeof out->encryption, fields[5]);
	copy_field(out->content, sizeof out->content, fields[6]);
	if (strcmp(out->password, "(empty)") == 0)
		out->password[0] = '\0';
	return true;
}

static bool load_index(struct buf *out, struct slice *rows)
{
	struct error err = { 0 };

	*out = BUF_INIT((size_t)1 << 20);
	if (file_read(out, FOLDER "index.tsv", &err))
		return slice_cut(buf_slice(out), slice_str("\n"), NULL, rows);
	printf("# skipped: no test data\n");
	return false;
}

static bool load(struct buf *out, const struct row *row)
{
	struct error err = { 0 };
	AUTO(drop_str) char *path = mem_format(FOLDER "%s", row->file);

	*out = BUF_INIT(P12_MAX_BYTES);
	return test_ok(file_read(out, path, &err), &err, __FILE__, __LINE__, row->file);
}

static bool has(const struct row *row, const char *text)
{
	return strstr(row->encryption, text) != NULL;
}

static void check_info(const struct row *row, const struct p12_info *info)
{
	CHECK(info->has_mac == has(row, "MAC:"));
	CHECK(has(row, "PBES2") == (strstr(info->cert_cipher, "PBES2") != NULL ||
	                            strstr(info->key_cipher, "PBES2") != NULL));
	CHECK(!has(row, "40BitRC2") || strstr(info->cert_cipher, "40BitRC2") != NULL);
	CHECK(!info->is_macos_safe || (has(row, "MAC: sha1") && !has(row, "PBES2")));
}

/* Did it open?  If not, it has only a part of an identity. */
static bool open_row(const struct row *row)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf file = { 0 };
	AUTO(identity_free) struct identity id = { 0 };
	AUTO(secret_free) struct secret right = test_secret(row->password);
	AUTO(secret_free) struct secret wrong = test_secret("not it");
	struct identity none = { 0 };
	struct p12_info info;

	printf("# %s\n", row->file);
	if (!load(&file, row))
		return false;
	bool ok = p12_parse(&id, &info, buf_slice(&file), &right, &err);
	check_info(row, &info);
	CHECK(ok ? cert_matches_key(&id.cert, &id.key) : err.code == ERROR_NOT_FOUND);
	CHECK(ok || strstr(row->content, "keys=0") != NULL ||
	      strstr(row->content, "certs=0") != NULL);
	error_clear(&err);
	CHECK_FAILS(p12_parse(&none, NULL, buf_slice(&file), &wrong, &err), &err,
	            ERROR_AUTH, "does not open");
	return ok;
}

TEST(every_file_opens_with_its_password_only)
{
	AUTO(buf_free) struct buf index = { 0 };
	struct slice rows;
	struct row row;
	size_t opened = 0, incomplete = 0;

	if (!load_index(&index, &rows))
		return;
	while (next_row(&row, &rows)) {
		if (strcmp(row.type, "p12") != 0)
			continue;
		bool ok = open_row(&row);
		opened += ok;
		incomplete += !ok;
	}
	/* Two have no key or no certificate; in two they say X25519 and Ed25519. */
	CHECK(opened == 39 && incomplete == 4);
}

TEST(every_key_is_read)
{
	AUTO(buf_free) struct buf index = { 0 };
	struct slice rows;
	struct row row;
	size_t count = 0;

	if (!load_index(&index, &rows))
		return;
	while (next_row(&row, &rows)) {
		struct error err = { 0 };
		AUTO(buf_free) struct buf file = { 0 };
		AUTO(key_free) struct key key = { 0 };
		AUTO(secret_free) struct secret password = test_secret(row.password);

		if (strcmp(row.type, "key (DER)") != 0)
			continue;
		printf("# %s\n", row.file);
		REQUIRE(load(&file, &row));
		REQUIRE_OK(key_parse(&key, buf_slice(&file), &password, &err), &err);
		CHECK(strstr(row.content, "Ed25519") == NULL ||
		      strcmp(key_family(&key), "ED25519") == 0);
		CHECK(strstr(row.content, "RSAPrivateKey2048") == NULL ||
		      key_type(&key) == KEY_RSA2048);
		count++;
	}
	CHECK(count == 6);
}

static bool is_request(const struct row *row)
{
	return strncmp(row->type, "csr", 3) == 0 ||
	       strstr(row->type, "REQUEST") != NULL;
}

static bool is_cert(const struct row *row)
{
	return strncmp(row->type, "cer", 3) == 0 ||
	       strcmp(row->type, "pem:CERTIFICATE") == 0;
}

static bool read_row(const struct row *row)
{
	struct error err = { 0 };
	AUTO(buf_free) struct buf file = { 0 };
	AUTO(cert_free) struct cert cert = { 0 };
	AUTO(csr_free) struct csr csr = { 0 };

	if (!load(&file, row))
		return false;
	bool ok = is_request(row) ? csr_parse(&csr, buf_slice(&file), &err) &&
	                                    csr.key_type == KEY_RSA2048
	                          : cert_parse(&cert, buf_slice(&file), &err);
	return test_ok(ok, &err, __FILE__, __LINE__, row->file);
}

TEST(every_certificate_and_request_is_read)
{
	AUTO(buf_free) struct buf index = { 0 };
	struct slice rows;
	struct row row;
	size_t certs = 0, requests = 0;

	if (!load_index(&index, &rows))
		return;
	while (next_row(&row, &rows)) {
		certs += is_cert(&row) && read_row(&row);
		requests += is_request(&row) && read_row(&row);
	}
	CHECK(certs == 14 && requests == 3);
}
