/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key new - make a private key
 */
#include <string.h>

#include "cli/commands.h"
#include "cli/output.h"
#include "cli/password.h"
#include "crypto/digest.h"
#include "crypto/key.h"

static struct {
	const char *out, *type, *password;
	bool force;
} args;

static const char *const types[] = { "rsa2048", "p256", NULL };

static const struct opt options[] = {
	{ .letter = 'o',
	  .name = "output",
	  .text = &args.out,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .is_required = true,
	  .help = "where the key goes (mode 0600)" },
	{ .name = "type",
	  .text = &args.type,
	  .value = "TYPE",
	  .choices = types,
	  .help = "default rsa2048, what Apple issues certificates for" },
	{ .letter = 'P',
	  .name = "password",
	  .text = &args.password,
	  .value = "WHERE",
	  .help = "encrypt the key; " PASSWORD_HELP },
	{ .letter = 'f',
	  .name = "force",
	  .flag = &args.force,
	  .help = "replace FILE: the old key is lost" },
	{ 0 },
};

static bool write_key(const struct key *key, struct error *err)
{
	AUTO(secret_free) struct secret password = { 0 };
	AUTO(secret_free) struct secret pem = { 0 };

	if (args.password != NULL &&
	    !password_read(&password, args.password, "new password", true, err))
		return false;
	return secret_init(&pem, KEY_MAX_BYTES / 2, err) &&
	       key_write_pem(&pem, key, args.password != NULL ? &password : NULL,
	                     err) &&
	       output_write(args.out, secret_reveal(&pem), 0600, args.force, err);
}

static bool run(struct cli *cli, struct error *err)
{
	bool ec = args.type != NULL && strcmp(args.type, "p256") == 0;
	AUTO(key_free) struct key key = { 0 };
	unsigned char fingerprint[32];
	char hex[65];

	if (!key_new(&key, ec ? KEY_P256 : KEY_RSA2048, err) || !write_key(&key, err))
		return false;
	key_fingerprint(fingerprint, &key);
	digest_hex(hex, slice_of(fingerprint, sizeof fingerprint));
	if (cli->json)
		return output_json(json_pack("{s:o, s:s, s:s}", "file",
		                             jsonio_text(args.out), "type",
		                             key_type_name(&key), "public_key_sha256",
		                             hex),
		                   err);
	if (strcmp(args.out, "-") != 0)
		output_line("key      %s  %s%s", args.out, key_type_name(&key),
		            args.password != NULL ? ", encrypted" : "");
	output_say(cli,
	           "next:    sealring csr new -k %s --cn NAME --email ADDR -o "
	           "dist.csr",
	           args.out);
	return true;
}

const struct command cmd_key_new = {
	.name = "key new",
	.summary = "make a private key",
	.description =
		"The key is written once, readable by you alone.  Keep it: a certificate is\n"
		"worth nothing without its key, and no portal can give it back.",
	.examples = "  sealring key new -o dist.key\n"
		    "  sealring key new --type p256 -P @env:PW -o api.key",
	.options = options,
	.operands = no_operands,
	.run = run,
};
