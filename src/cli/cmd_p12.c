/* SPDX-License-Identifier: Apache-2.0 */
/*
 * p12 make, p12 test, p12 open, p12 rewrap - PKCS#12 files
 */
#include <string.h>

#include "cli/commands.h"
#include "cli/identityopt.h"
#include "cli/output.h"
#include "cli/password.h"
#include "cli/portalopt.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/sniff.h"

#define CHAIN_MAX_BYTES ((size_t)1 << 20)

static struct {
	const char *key, *cert, *chain, *portal, *password, *new_password,
		*key_password;
	const char *file, *key_out, *cert_out;
	struct output out;
	bool modern;
} args;

static const struct operand file_operands[] = {
	{ .name = "FILE", .text = &args.file, .hint = OPT_FILE, .help = "a .p12 file" },
	{ 0 },
};

/* ---- make ---- */

static const struct opt make_options[] = {
	{ .letter = 'k',
	  .name = "key",
	  .text = &args.key,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .is_required = true,
	  .help = "the private key" },
	{ .letter = 'c',
	  .name = "cert",
	  .text = &args.cert,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .is_required = true,
	  .help = "its certificate" },
	{ .name = "chain",
	  .text = &args.chain,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .help = "further certificates to put inside (PEM); Apple's come by themselves" },
	{ .name = "portal",
	  .text = &args.portal,
	  .value = "DIR",
	  .hint = OPT_DIR,
	  .help = "take the chain from this embedded portal" },
	PASSWORD_OPTION(args.password, "of the new file; " PASSWORD_HELP),
	{ .name = "key-password",
	  .text = &args.key_password,
	  .value = "WHERE",
	  .help = "of the key file, if it is encrypted" },
	{ .name = "modern",
	  .flag = &args.modern,
	  .help = "AES-256 instead of what every macOS can import" },
	OUTPUT_OPTION(args.out, "where the .p12 goes (mode 0600)"),
	FORCE_OPTION(args.out),
	{ 0 },
};

/* Every certificate above the leaf that this store knows goes along. */
static bool take_chain(struct identity *identity, const struct trust *trust,
                       struct error *err)
{
	struct trust_chain chain;
	struct cert_list found = { 0 };

	trust_build(&chain, trust, &identity->cert, &identity->chain);
	for (size_t i = 1; i < chain.count; i++) {
		struct cert copy = { 0 };

		if (!cert_copy(&copy, chain.certs[i], err)) {
			cert_list_free(&found);
			return false;
		}
		cert_list_add(&found, &copy);
	}
	if (found.count <= identity->chain.count) {
		cert_list_free(&found);
		return true;
	}
	cert_list_free(&identity->chain);
	identity->chain = found;
	return true;
}

static bool add_chain(struct identity *identity, const struct cli *cli,
                      struct error *err)
{
	AUTO(buf_free) struct buf pem = BUF_INIT(CHAIN_MAX_BYTES);
	AUTO(trust_free) struct trust apple = { 0 };
	AUTO(drop_authority) struct authority *portal = NULL;

	if (args.chain != NULL && !file_read(&pem, args.chain, err))
		return false;
	if (args.chain != NULL &&
	    !cert_list_parse(&identity->chain, buf_slice(&pem), err))
		return sniff_refused(err, "chain", args.chain, buf_slice(&pem));
	if (args.portal != NULL && (!portalopt_open(&portal, args.portal, cli, err) ||
	                            !authority_chain(&identity->chain, portal, err)))
		return false;
	trust_apple(&apple);
	return take_chain(identity, &apple, err);
}

static bool write_p12(const struct cli *cli, const struct identity *identity,
                      struct error *err)
{
	AUTO(secret_free) struct secret password = { 0 };
	AUTO(buf_free) struct buf p12 = BUF_INIT(P12_MAX_BYTES);

	const char *spec =
		args.new_password != NULL ? args.new_password : args.password;
	if (!password_read(&password, spec, "new password", true, err))
		return false;
	return p12_build(&p12, identity, args.modern ? P12_MODERN : P12_MACOS,
	                 &password, err) &&
	       output_write(cli, &args.out, buf_slice(&p12), 0600, err);
}

static bool report_made(const struct identity *identity, const struct cli *cli,
                        struct error *err)
{
	if (cli->json)
		return output_json(json_pack("{s:o, s:o, s:I, s:b}", "file",
		                             jsonio_text(args.out.path), "certificate",
		                             jsonio_text(identity->cert.cn), "chain",
		                             (json_int_t)identity->chain.count,
		                             "macos_safe", !args.modern),
		                   err);
	output_made(cli, &args.out, "identity %s  %s", args.out.path,
	            identity->cert.cn);
	output_made(cli, &args.out,
	            "         key, certificate and %zu more of its chain, %s",
	            identity->chain.count,
	            args.modern ? "AES-256" : "in the form every macOS imports");
	if (identity->chain.count == 0)
		output_say(cli, "note:    the chain is missing: give --chain FILE or "
		                "--portal DIR");
	output_say(cli, "next:    sealring sign APP.ipa -o OUT.ipa --p12 %s -m PROFILE",
	           output_name(&args.out));
	return true;
}

static bool run_make(struct cli *cli, struct error *err)
{
	AUTO(identity_free) struct identity identity = { 0 };
	const struct identityopt pair = { .key = args.key,
		                          .cert = args.cert,
		                          .password = args.key_password };

	if (!identityopt_load(&identity, &pair, err) ||
	    !add_chain(&identity, cli, err) || !write_p12(cli, &identity, err))
		return error_context(err, "making \"%s\"", args.out.path);
	return report_made(&identity, cli, err);
}

/* ---- test ---- */

static const struct opt test_options[] = {
	PASSWORD_OPTION(args.password, PASSWORD_HELP),
	{ 0 },
};

static bool run_test(struct cli *cli, struct error *err)
{
	struct p12_info info = { 0 };
	AUTO(identity_free) struct identity identity = { 0 };

	if (!identityopt_p12(&identity, &info, args.file, args.password, err))
		return false;
	if (cli->json)
		return output_json(json_pack("{s:b, s:o, s:s, s:s, s:s, s:b, s:I}",
		                             "opens", true, "certificate",
		                             jsonio_text(identity.cert.cn),
		                             "key_cipher", info.key_cipher,
		                             "cert_cipher", info.cert_cipher, "mac",
		                             info.has_mac ? info.mac : "none",
		                             "macos_safe", info.is_macos_safe, "chain",
		                             (json_int_t)identity.chain.count),
		                   err);
	output_line("OK   the password opens \"%s\"", args.file);
	output_line("     %s, %s", identity.cert.cn, key_type_name(&identity.key));
	output_line("     key %s, certificates %s, MAC %s", info.key_cipher,
	            info.cert_cipher, info.has_mac ? info.mac : "none");
	if (info.is_password_empty)
		output_line("WARN macOS refuses an empty password: sealring p12 rewrap "
		            "%s --new-password @env:NAME -o safe.p12",
		            args.file);
	else if (!info.is_macos_safe)
		output_line("WARN macOS may not import it: sealring p12 rewrap %s -o "
		            "safe.p12",
		            args.file);
	return true;
}

/* ---- open ---- */

static const struct opt open_options[] = {
	PASSWORD_OPTION(args.password, PASSWORD_HELP),
	{ .name = "key-out",
	  .text = &args.key_out,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .help = "write the private key here (PEM, mode 0600)" },
	{ .name = "cert-out",
	  .text = &args.cert_out,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .help = "write the certificate here (DER)" },
	{ .name = "new-password",
	  .text = &args.new_password,
	  .value = "WHERE",
	  .help = "encrypt the written key with this" },
	{ .letter = 'f',
	  .name = "force",
	  .flag = &args.out.force,
	  .help = "replace files that are there" },
	{ 0 },
};

static json_t *file_json(const char *path)
{
	return path != NULL ? jsonio_text(path) : NULL;
}

static bool run_open(struct cli *cli, struct error *err)
{
	AUTO(identity_free) struct identity identity = { 0 };
	const struct output key_out = { args.key_out, args.out.force };
	const struct output cert_out = { args.cert_out, args.out.force };

	if (args.key_out == NULL && args.cert_out == NULL)
		return error_set(err, ERROR_USAGE,
		                 "nothing to write: give --key-out FILE, "
		                 "--cert-out FILE or both");
	if (!identityopt_p12(&identity, NULL, args.file, args.password, err))
		return false;
	if (args.key_out != NULL && !identityopt_write_key(cli, &key_out, &identity.key,
	                                                   args.new_password, err))
		return false;
	if (args.cert_out != NULL &&
	    !output_write(cli, &cert_out, identity.cert.der, 0644, err))
		return false;
	if (cli->json)
		return output_json(json_pack("{s:o, s:o*, s:o*}", "certificate",
		                             jsonio_text(identity.cert.cn), "key_file",
		                             file_json(args.key_out), "cert_file",
		                             file_json(args.cert_out)),
		                   err);
	output_say(cli, "opened   %s  %s", args.file, identity.cert.cn);
	return true;
}

/* ---- rewrap ---- */

static const struct opt rewrap_options[] = {
	PASSWORD_OPTION(args.password, "of the old file; " PASSWORD_HELP),
	{ .name = "new-password",
	  .text = &args.new_password,
	  .value = "WHERE",
	  .help = "of the new file; default: the old one" },
	{ .name = "modern",
	  .flag = &args.modern,
	  .help = "AES-256 instead of what every macOS can import" },
	OUTPUT_OPTION(args.out, "where the new .p12 goes (mode 0600)"),
	FORCE_OPTION(args.out),
	{ 0 },
};

static bool run_rewrap(struct cli *cli, struct error *err)
{
	AUTO(identity_free) struct identity identity = { 0 };
	AUTO(trust_free) struct trust apple = { 0 };

	trust_apple(&apple);
	if (!identityopt_p12(&identity, NULL, args.file, args.password, err) ||
	    !take_chain(&identity, &apple, err) || !write_p12(cli, &identity, err))
		return false;
	return report_made(&identity, cli, err);
}

const struct command cmd_p12_make = {
	.name = "p12 make",
	.summary = "put a key, its certificate and the chain into a .p12",
	.examples =
		"  sealring p12 make -k dist.key -c dist.cer -P @env:PW -o dist.p12",
	.options = make_options,
	.operands = no_operands,
	.run = run_make,
};

const struct command cmd_p12_test = {
	.name = "p12 test",
	.summary = "does this password open it, and can macOS import it?",
	.description =
		"A wrong password (exit 4) is told apart from a damaged file (exit 3).",
	.options = test_options,
	.operands = file_operands,
	.run = run_test,
};

const struct command cmd_p12_open = {
	.name = "p12 open",
	.summary = "take the key and the certificate out of a .p12",
	.options = open_options,
	.operands = file_operands,
	.run = run_open,
};

const struct command cmd_p12_rewrap = {
	.name = "p12 rewrap",
	.summary = "write a .p12 anew: another cipher or another password",
	.options = rewrap_options,
	.operands = file_operands,
	.run = run_rewrap,
};
