/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/identityopt.h"

#include "cli/password.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/sniff.h"

bool identityopt_p12(struct identity *out, struct p12_info *info, const char *path,
                     const char *password_spec, struct error *err)
{
	AUTO(buf_free) struct buf file = BUF_INIT(P12_MAX_BYTES);
	AUTO(secret_free) struct secret password = { 0 };
	AUTO(drop_str) char *prompt = mem_format("password of \"%s\"", path);

	if (!file_read(&file, path, err) ||
	    !password_read(&password, password_spec, prompt, false, err))
		return false;
	if (!p12_parse(out, info, buf_slice(&file), &password, err))
		return sniff_refused(err, ".p12 file", path, buf_slice(&file));
	return true;
}

bool identityopt_key(struct key *out, const char *path, const char *password_spec,
                     struct error *err)
{
	AUTO(secret_free) struct secret file = { 0 };
	AUTO(secret_free) struct secret password = { 0 };
	AUTO(drop_str) char *prompt = mem_format("password of \"%s\"", path);
	bool asked = password_spec != NULL;

	/* A key file is a secret too: it may be unencrypted. */
	if (!secret_load(&file, path, KEY_MAX_BYTES, err))
		return false;
	if (asked && !password_read(&password, password_spec, prompt, false, err))
		return false;
	if (key_parse(out, secret_reveal(&file), asked ? &password : NULL, err))
		return true;
	if (err->code != ERROR_AUTH || asked)
		return sniff_refused(err, "key", path, secret_reveal(&file));
	error_clear(err);
	if (!password_read(&password, NULL, prompt, false, err))
		return false;
	if (!key_parse(out, secret_reveal(&file), &password, err))
		return sniff_refused(err, "key", path, secret_reveal(&file));
	return true;
}

bool identityopt_write_key(const struct cli *cli, const struct output *to,
                           const struct key *key, const char *password_spec,
                           struct error *err)
{
	AUTO(secret_free) struct secret password = { 0 };
	AUTO(secret_free) struct secret pem = { 0 };
	bool encrypt = password_spec != NULL;

	if (encrypt &&
	    !password_read(&password, password_spec, "new password", true, err))
		return false;
	return secret_init(&pem, KEY_MAX_BYTES / 2, err) &&
	       key_write_pem(&pem, key, encrypt ? &password : NULL, err) &&
	       output_write(cli, to, secret_reveal(&pem), 0600, err);
}

bool identityopt_cert(struct cert *out, const char *path, struct error *err)
{
	AUTO(buf_free) struct buf file = BUF_INIT(CERT_MAX_BYTES);

	if (!file_read(&file, path, err))
		return false;
	if (!cert_parse(out, buf_slice(&file), err))
		return sniff_refused(err, "certificate", path, buf_slice(&file));
	return true;
}

static bool load_pair(struct identity *out, const struct identityopt *opt,
                      struct error *err)
{
	AUTO(identity_free) struct identity pair = { .friendly_name = mem_copy("") };

	if (!identityopt_key(&pair.key, opt->key, opt->password, err) ||
	    !identityopt_cert(&pair.cert, opt->cert, err))
		return false;
	if (!cert_matches_key(&pair.cert, &pair.key)) {
		error_set(err, ERROR_VERIFY,
		          "the key does not belong to the certificate");
		error_evidence(err, "key \"%s\", certificate \"%s\" (serial %s)",
		               opt->key, opt->cert, pair.cert.serial);
		error_cause(err, "The certificate was issued for a request that was "
		                 "made with another key.");
		return error_hint(err, "sealring cert match %s %s", opt->cert,
		                  opt->key);
	}
	*out = pair;
	pair = (struct identity){ 0 };
	return true;
}

bool identityopt_load(struct identity *out, const struct identityopt *opt,
                      struct error *err)
{
	bool has_pair = opt->key != NULL || opt->cert != NULL;

	if (opt->p12 != NULL && has_pair)
		return error_set(err, ERROR_USAGE,
		                 "give --p12, or --key and --cert, not both");
	if (opt->p12 != NULL)
		return identityopt_p12(out, NULL, opt->p12, opt->password, err);
	if (opt->key == NULL || opt->cert == NULL) {
		error_set(err, ERROR_USAGE, "an identity is missing");
		return error_hint(err, "Give --p12 FILE, or --key FILE and --cert "
		                       "FILE.");
	}
	return load_pair(out, opt, err);
}
