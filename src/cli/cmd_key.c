/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key new - make a private key
 */
#include <string.h>

#include "cli/commands.h"
#include "cli/identityopt.h"
#include "cli/output.h"
#include "cli/password.h"
#include "crypto/digest.h"
#include "crypto/key.h"

static struct {
	const char *type, *password;
	struct output out;
} args;

static const char *const types[] = { "rsa2048", "p256", NULL };

static const struct opt options[] = {
	OUTPUT_OPTION(args.out, "where the key goes (mode 0600)"),
	{ .name = "type",
	  .text = &args.type,
	  .value = "TYPE",
	  .choices = types,
	  .help = "default rsa2048, what Apple issues certificates for" },
	PASSWORD_OPTION(args.password, "encrypt the key; " PASSWORD_HELP),
	{ .letter = 'f',
	  .name = "force",
	  .flag = &args.out.force,
	  .help = "replace FILE: the old key is lost" },
	{ 0 },
};

static bool run(struct cli *cli, struct error *err)
{
	bool ec = args.type != NULL && strcmp(args.type, "p256") == 0;
	AUTO(key_free) struct key key = { 0 };
	unsigned char fingerprint[32];
	char hex[65];

	if (!key_new(&key, ec ? KEY_P256 : KEY_RSA2048, err) ||
	    !identityopt_write_key(cli, &args.out, &key, args.password, err))
		return false;
	key_fingerprint(fingerprint, &key);
	digest_hex(hex, slice_of(fingerprint, sizeof fingerprint));
	if (cli->json)
		return output_json(json_pack("{s:o, s:s, s:s}", "file",
		                             jsonio_text(args.out.path), "type",
		                             key_type_name(&key), "public_key_sha256",
		                             hex),
		                   err);
	output_made(cli, &args.out, "key      %s  %s%s", args.out.path,
	            key_type_name(&key), args.password != NULL ? ", encrypted" : "");
	output_say(cli,
	           "next:    sealring csr new -k %s --cn NAME --email ADDR -o "
	           "dist.csr",
	           output_name(&args.out));
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
