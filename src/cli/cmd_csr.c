/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csr new, csr show - certificate signing requests
 */
#include "cli/commands.h"
#include "cli/identityopt.h"
#include "cli/output.h"
#include "cli/password.h"
#include "crypto/csr.h"
#include "crypto/digest.h"
#include "util/file.h"
#include "util/sniff.h"
#include "util/term.h"

static struct {
	const char *key, *password, *file;
	struct csr_subject subject;
	struct output out;
} args;

static const struct opt new_options[] = {
	{ .letter = 'k',
	  .name = "key",
	  .text = &args.key,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .is_required = true,
	  .help = "the private key" },
	{ .name = "cn",
	  .text = &args.subject.cn,
	  .value = "NAME",
	  .is_required = true,
	  .help = "who asks: common name" },
	{ .name = "email",
	  .text = &args.subject.email,
	  .value = "ADDR",
	  .help = "e-mail" },
	{ .name = "org",
	  .text = &args.subject.org,
	  .value = "NAME",
	  .help = "organisation" },
	{ .name = "country",
	  .text = &args.subject.country,
	  .value = "CC",
	  .help = "two letters" },
	OUTPUT_OPTION(args.out, "where the request goes"),
	PASSWORD_OPTION(args.password, PASSWORD_HELP),
	FORCE_OPTION(args.out),
	{ 0 },
};

static bool run_new(struct cli *cli, struct error *err)
{
	AUTO(key_free) struct key key = { 0 };
	AUTO(buf_free) struct buf pem = BUF_INIT(CSR_MAX_BYTES);

	if (!identityopt_key(&key, args.key, args.password, err) ||
	    !csr_build(&pem, &args.subject, &key, err) ||
	    !output_write(cli, &args.out, buf_slice(&pem), 0644, err))
		return error_context(err, "making the request \"%s\"", args.out.path);
	if (cli->json)
		return output_made_json(&args.out, "cn", jsonio_text(args.subject.cn),
		                        err);
	output_made(cli, &args.out, "request  %s  for %s", args.out.path,
	            args.subject.cn);
	output_say(
		cli,
		"next:    sealring cert request %s --type distribution --portal DIR -o "
		"dist.cer",
		output_name(&args.out));
	return true;
}

static const struct operand show_operands[] = {
	{ .name = "FILE",
	  .text = &args.file,
	  .hint = OPT_FILE,
	  .help = "a certificate request, PEM or DER" },
	{ 0 },
};

static void show_row(const char *name, const char *value)
{
	if (value[0] == '\0')
		return;
	printf("%-9s", name);
	term_safe(stdout, value);
	putchar('\n');
}

static bool run_show(struct cli *cli, struct error *err)
{
	AUTO(buf_free) struct buf file = BUF_INIT(CSR_MAX_BYTES);
	AUTO(csr_free) struct csr csr = { 0 };
	char hex[65];

	if (!file_read(&file, args.file, err))
		return false;
	if (!csr_parse(&csr, buf_slice(&file), err))
		return sniff_refused(err, "request", args.file, buf_slice(&file));
	digest_hex(hex, slice_of(csr.key_fingerprint, sizeof csr.key_fingerprint));
	if (cli->json)
		return output_json(json_pack("{s:o, s:o, s:o, s:o, s:s, s:i, s:s}",
		                             "cn", jsonio_text(csr.cn), "email",
		                             jsonio_text(csr.email), "org",
		                             jsonio_text(csr.org), "country",
		                             jsonio_text(csr.country), "key_type",
		                             csr.key_family, "key_bits",
		                             (int)csr.key_bits, "public_key_sha256",
		                             hex),
		                   err);
	show_row("cn", csr.cn);
	show_row("email", csr.email);
	show_row("org", csr.org);
	show_row("country", csr.country);
	printf("key      %s %u bits, SHA-256 %s\n", csr.key_family, csr.key_bits, hex);
	output_line("signed   with its own key: OK");
	return true;
}

const struct command cmd_csr_new = {
	.name = "csr new",
	.summary = "make a certificate signing request",
	.description =
		"The same request that Keychain Access makes: e-mail, common name, country;\n"
		"signed with SHA-256.",
	.examples = "  sealring csr new -k dist.key --cn \"Anna Example\" --email "
		    "anna@acme.example -o dist.csr",
	.options = new_options,
	.operands = no_operands,
	.run = run_new,
};

const struct command cmd_csr_show = {
	.name = "csr show",
	.summary = "print what a certificate signing request says",
	.options = no_options,
	.operands = show_operands,
	.run = run_show,
};
