/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sign - seal an app, and judge the result before it is called done
 */
#include "cli/commands.h"
#include "cli/signjob.h"

static const char *in;

static const struct operand operands[] = {
	{ .name = "IN",
	  .text = &in,
	  .hint = OPT_FILE,
	  .help = "an .ipa, .app, .xcarchive, a .zip of one, or a Mach-O file" },
	{ 0 },
};

static bool run(struct cli *cli, struct error *err)
{
	bool ok = signjob_run(&signopt, in, cli, err);

	signopt_free(&signopt);
	return ok;
}

const struct command cmd_sign = {
	.name = "sign",
	.summary = "seal an app with an identity and profiles",
	.description =
		"Replaces whatever signature is there, deepest bundle first, and judges the\n"
		"result before it reports success.  The input is not changed unless it is\n"
		"also the output, which takes -f; then it is replaced in one step.\n"
		"\n"
		"Each app and extension gets the profile given for its bundle id, or the most\n"
		"specific one that covers it.  Entitlements are the app's own as far as its\n"
		"profile allows them; what is dropped is said.  --plan says which profile is\n"
		"taken, and why.",
	.examples =
		"  sealring sign Shop.ipa -o Out.ipa --p12 dist.p12 -P @env:PW -m "
		"Shop.mobileprovision\n"
		"  sealring sign Shop.app -o Out.app -k dist.key -c dist.cer -m "
		"App.mobileprovision -m com.acme.shop.share=Share.mobileprovision\n"
		"  sealring sign Shop.ipa --p12 dist.p12 -m Any.mobileprovision --plan",
	.options = signopt_table + SIGNOPT_RESIGN_ONLY,
	.operands = operands,
	.run = run,
};
