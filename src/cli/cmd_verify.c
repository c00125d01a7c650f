/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify - would a device admit this app?
 */
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/matrix.h"
#include "cli/output.h"
#include "cli/requirementopt.h"
#include "cli/responder.h"
#include "cli/trustopt.h"
#include "cli/verdict_print.h"
#include "cli/verify_xray.h"
#include "crypto/issue.h"
#include "crypto/ocsp.h"
#include "picture/picture.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/pool.h"
#include "util/sniff.h"

#define CRL_MAX_BYTES ((size_t)64 << 20)
#define MAX_FREE_APPS 1000

static struct {
	struct opt_list files, ocsp;
	bool online;
	const char *devices, *installed;
	const char *device, *at, *roots, *crl, *requirement, *free_apps, *as;
	struct output svg;
	bool all, strict, no_developer_mode, not_trusted, at_signing;
} args;

static const struct operand operands[] = {
	{ .name = "FILE",
	  .list = &args.files,
	  .hint = OPT_FILE,
	  .help = "an .ipa, .app, .xcarchive, a .zip of one, or a Mach-O file" },
	{ 0 },
};

static const char *const stage_words[] = { "installd", "launch", "appstore", NULL };

static const struct opt options[] = {
	{ .name = "device",
	  .text = &args.device,
	  .value = "UDID[=MODEL@OS]",
	  .help = "the device that is asked, such as 00008110-...=iPhone14,5@17.4" },
	{ .name = "devices",
	  .text = &args.devices,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .help = "ask each device of this list: UDID[=MODEL@OS] NAME a line, Apple's "
	          "upload format, or JSON" },
	{ .name = "installed-appid",
	  .text = &args.installed,
	  .value = "ID",
	  .help = "application-identifier of the app that the device has, to be "
	          "upgraded" },
	{ .name = "as",
	  .text = &args.as,
	  .value = "STAGE",
	  .choices = stage_words,
	  .help = "who is asked: installd, launch or appstore; default: installd, then "
	          "launch" },
	{ .name = "strict",
	  .flag = &args.strict,
	  .help = "also what only some versions of the system refuse" },
	{ .name = "at",
	  .text = &args.at,
	  .value = "DATE",
	  .help = "judge at this date (2027-03-02, UTC); default: now" },
	{ .name = "at-signing",
	  .flag = &args.at_signing,
	  .help = "judge at the moment each signature was made" },
	ROOTS_OPTION(args.roots),
	{ .name = "crl",
	  .text = &args.crl,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .help = "revocation lists (one as DER, or several as PEM)" },
	{ .name = "ocsp",
	  .list = &args.ocsp,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .help = "an OCSP response (DER) about a certificate of the app; may be given "
	          "several times" },
	{ .name = "online",
	  .flag = &args.online,
	  .help = "ask the responders that the app's certificates name" },
	{ .letter = 'R',
	  .name = "requirement",
	  .text = &args.requirement,
	  .value = "TEXT|@FILE",
	  .help = "what the app's signature must satisfy, " REQUIREMENT_HELP },
	{ .name = "no-developer-mode",
	  .flag = &args.no_developer_mode,
	  .help = "the device has Developer Mode off" },
	{ .name = "not-trusted",
	  .flag = &args.not_trusted,
	  .help = "the user has not trusted the enterprise or free developer" },
	{ .name = "free-apps",
	  .text = &args.free_apps,
	  .value = "N",
	  .help = "apps of free teams that the device has already; it takes three" },
	{ .name = "all", .flag = &args.all, .help = "print every finding" },
	{ .name = "svg",
	  .text = &args.svg.path,
	  .value = "FILE",
	  .hint = OPT_FILE,
	  .help = "draw what the app is made of, and what of it does not match" },
	FORCE_OPTION(args.svg),
	{ 0 },
};

static bool read_free_apps(unsigned *out, struct error *err)
{
	char *end = NULL;

	if (args.free_apps == NULL)
		return true;
	unsigned long n = strtoul(args.free_apps, &end, 10);
	if (args.free_apps[0] < '0' || args.free_apps[0] > '9' || *end != '\0' ||
	    n > MAX_FREE_APPS)
		return error_set(err, ERROR_USAGE,
		                 "\"%s\" is no number of apps from 0 to %d",
		                 args.free_apps, MAX_FREE_APPS);
	*out = (unsigned)n;
	return true;
}

/* Of a word that is one of stage_words. */
static unsigned asked_stages(void)
{
	static const unsigned stages[] = { STAGE_BIT(STAGE_INSTALL),
		                           STAGE_BIT(STAGE_LAUNCH),
		                           STAGE_BIT(STAGE_STORE) };

	for (size_t i = 0; args.as != NULL && stage_words[i] != NULL; i++)
		if (strcmp(args.as, stage_words[i]) == 0)
			return stages[i];
	return STAGES_DEVICE;
}

/* What the options ask, and the bytes that the request borrows. */
struct question {
	struct verify_request request;
	struct trust trust;
	struct buf crl, requirement;
	struct buf ocsp[VERIFY_MAX_OCSP];
	struct slice responses[VERIFY_MAX_OCSP];
	struct responder responder;
	char *device;
	struct devices devices; /* of --devices */
};

static void question_free(struct question *q)
{
	trust_free(&q->trust);
	buf_free(&q->crl);
	buf_free(&q->requirement);
	for (size_t i = 0; i < VERIFY_MAX_OCSP; i++)
		buf_free(&q->ocsp[i]);
	responder_free(&q->responder);
	free(q->device);
	devices_free(&q->devices);
}

static bool read_lists(struct question *q, struct error *err)
{
	if (args.crl == NULL)
		return true;
	if (!file_read(&q->crl, args.crl, err))
		return false;
	q->request.crl = buf_slice(&q->crl);
	return crl_check(q->request.crl, err) ||
	       sniff_refused(err, "revocation list", args.crl, q->request.crl);
}

static bool read_responses(struct question *q, struct error *err)
{
	if (args.ocsp.count > VERIFY_MAX_OCSP)
		return error_set(err, ERROR_USAGE, "more than %d OCSP responses",
		                 VERIFY_MAX_OCSP);
	for (size_t i = 0; i < args.ocsp.count; i++) {
		q->ocsp[i] = BUF_INIT(OCSP_MAX_BYTES);
		if (!file_read(&q->ocsp[i], args.ocsp.items[i], err))
			return false;
		q->responses[i] = buf_slice(&q->ocsp[i]);
		if (!ocsp_check(q->responses[i], err))
			return sniff_refused(err, "OCSP response", args.ocsp.items[i],
			                     q->responses[i]);
	}
	q->request.ocsp = q->responses;
	q->request.ocsp_count = args.ocsp.count;
	return true;
}

/* The device, or those of the list, which share what else is said of it. */
static bool read_devices(struct question *q, struct error *err)
{
	struct verify_device *d = &q->request.device;
	AUTO(buf_free) struct buf text = BUF_INIT(DEVICES_MAX_BYTES);

	d->developer_mode_off = args.no_developer_mode;
	d->user_has_not_trusted = args.not_trusted;
	d->installed_app_id = args.installed;
	if (!read_free_apps(&d->free_apps, err))
		return false;
	if (args.device != NULL && args.devices != NULL)
		return error_set(err, ERROR_USAGE,
		                 "--device and --devices cannot be combined");
	if (args.device != NULL)
		return verify_device_parse(d, &q->device, args.device, err);
	if (args.devices == NULL)
		return true;
	return (file_read(&text, args.devices, err) &&
	        devices_read(&q->devices, buf_slice(&text), d, err)) ||
	       error_context(err, "reading the devices of \"%s\"", args.devices);
}

/* q->request points into *q, which must not move. */
static bool read_question(struct question *q, const struct cli *cli, struct error *err)
{
	struct verify_request *r = &q->request;

	q->crl = BUF_INIT(CRL_MAX_BYTES);
	q->requirement = BUF_INIT(REQUIREMENT_MAX_BYTES);
	*r = (struct verify_request){ .trust = &q->trust,
		                      .at_s = clock_now(cli->clock),
		                      .at_signing_time = args.at_signing,
		                      .strict = args.strict,
		                      .stages = asked_stages(),
		                      .threads = pool_default_threads() };
	if (args.online) {
		r->ask_responder = responder_ask;
		r->ask_ctx = &q->responder;
		q->responder.is_verbose = cli->verbose;
	}
	if (args.at != NULL && !clock_parse(&r->at_s, args.at, err))
		return false;
	if (!read_devices(q, err))
		return false;
	if (args.requirement != NULL &&
	    !requirementopt_load(&q->requirement, args.requirement, err))
		return false;
	r->requirement = buf_slice(&q->requirement);
	return trustopt_load(&q->trust, args.roots, err) && read_lists(q, err) &&
	       read_responses(q, err);
}

/* What a device says of a package that cannot be read (spec codesign.md 9.3). */
static bool no_package(struct error *err)
{
	if (err->code == ERROR_FORMAT)
		error_evidence(err, "a device says 0xe8000050 (it cannot be extracted) "
		                    "or 0xe8000051 (it is no app)");
	return false;
}

/* For one device a verdict; for many an app to ask them of. */
static bool look(struct verdict *v, struct verify_app **app, struct container *c,
                 const struct question *q, const struct cli *cli, struct error *err)
{
	AUTO(drop_progress)
	struct term_progress *progress =
		output_progress(cli, "judging", container_bytes(c));
	c->progress = progress;
	bool ok = q->devices.count > 0 ? verify_open(app, c, &q->request, err)
	                               : verify_container(v, c, &q->request, err);
	c->progress = NULL;
	return ok;
}

/* Then nothing else is printed there. */
static bool is_drawn_to_stdout(void)
{
	return args.svg.path != NULL && strcmp(args.svg.path, "-") == 0;
}

static bool draw(const struct container *c, const struct verdict *v,
                 const struct question *q, const struct cli *cli, const char *file,
                 struct error *err)
{
	AUTO(buf_free) struct buf svg = BUF_INIT(PICTURE_MAX_BYTES);

	if (args.svg.path == NULL)
		return true;
	if (!verify_xray(&svg, c, file, &v->findings, q->request.threads, err) ||
	    !output_write(cli, &args.svg, buf_slice(&svg), 0644, err))
		return error_context(err, "drawing it");
	if (!is_drawn_to_stdout())
		output_say(cli, "drawing  %s", args.svg.path);
	return true;
}

/* A drawing is of one app and one verdict. */
static bool check_drawing(const struct cli *cli, struct error *err)
{
	if (args.svg.path == NULL)
		return true;
	if (args.files.count > 1 || args.devices != NULL)
		return error_set(err, ERROR_USAGE,
		                 "--svg draws one app, judged for one device");
	if (cli->json && is_drawn_to_stdout())
		return error_set(err, ERROR_USAGE,
		                 "the drawing and the JSON would both go to standard "
		                 "output");
	return output_check(cli, &args.svg, err);
}

/* One app; *admitted: by the device, or by all. */
static bool judge(json_t **json, bool *admitted, const struct question *q,
                  const struct cli *cli, const char *file, struct error *err)
{
	AUTO(container_close) struct container c = { 0 };
	AUTO(verdict_free) struct verdict v = { 0 };
	AUTO(drop_verify_app) struct verify_app *app = NULL;
	const struct verdict_about about = { .file = file,
		                             .device = args.device,
		                             .stages = q->request.stages,
		                             .all = args.all };

	if (!container_open(&c, file, err))
		return no_package(err);
	if (!look(&v, &app, &c, q, cli, err))
		return false;
	*admitted = app != NULL ? matrix_ask(cli->json ? json : NULL, app, &q->devices,
	                                     &about)
	                        : verdict_is_admitted(&v);
	if (app == NULL && cli->json)
		*json = verdict_json(&v, &about);
	else if (app == NULL && !is_drawn_to_stdout())
		verdict_print(&v, &about);
	return app != NULL || draw(&c, &v, q, cli, file, err);
}

static bool run(struct cli *cli, struct error *err)
{
	AUTO(question_free) struct question q = { 0 };
	AUTO(drop_json) json_t *apps = json_array();
	bool many = args.files.count > 1;

	if (!check_drawing(cli, err) || !read_question(&q, cli, err))
		return error_context(err, "judging \"%s\"", args.files.items[0]);
	for (size_t i = 0; i < args.files.count; i++) {
		AUTO(drop_json) json_t *json = NULL;
		bool admitted = false;

		if (!judge(&json, &admitted, &q, cli, args.files.items[i], err))
			return error_context(err, "judging \"%s\"",
			                     args.files.items[i]);
		cli->answer_is_no |= !admitted;
		if (json != NULL && !many)
			return output_json(STEAL(json), err);
		if (json != NULL)
			json_array_append_new(apps, STEAL(json));
	}
	return !cli->json || output_json(json_pack("{s:O}", "apps", apps), err);
}

const struct command cmd_verify = {
	.name = "verify",
	.summary = "would a device admit this app? the verdict, with reasons",
	.description =
		"Judges every bundle and every piece of code in the app as iOS does when it\n"
		"installs and launches it: code pages, seals, signatures, certificates,\n"
		"profiles, entitlements.  Prints the finding that decides first in a device's\n"
		"order; --all prints the others.\n"
		"\n"
		"With --devices it is a table: one row a device with its verdict and the first\n"
		"reason, and how many admit the app.  The app is read once, however many they\n"
		"are.  A line of the list is a UDID, a model and a system if known, and a name:\n"
		"00008110-000A1C2E3F4A001E=iPhone14,5@17.4 Anna's iPhone; or Device ID, Device Name\n"
		"and Device Platform with tabs between, as Apple's upload has it; or JSON as device\n"
		"list --json prints it.  --as appstore asks what App Store Connect would say of an upload instead.\n"
		"\n"
		"Where Apple's number is not certain, \"likely\" stands before it.\n"
		"\n"
		"Revocation is judged by --crl and --ocsp; nothing is asked over a network unless\n"
		"--online says so.  Then the responders of certificates that lead to a trusted\n"
		"root are asked, as a device does; like it, verify goes on where none answers, and\n"
		"says so.\n"
		"\n"
		"With -R the signature of the app itself must satisfy a code requirement too, in\n"
		"the language of codesign and csreq.\n"
		"\n"
		"Exit status 0: admitted, by all devices; 1: refused; 3: the file could not be read.",
	.examples =
		"  sealring verify Shop.ipa\n"
		"  sealring verify Shop.ipa --device 00008110-000A1C2E3F4A001E=@17.4\n"
		"  sealring verify Shop.ipa --devices team.txt\n"
		"  sealring verify Shop.ipa --as appstore\n"
		"  sealring verify Shop.ipa --at 2027-03-02 --all --json\n"
		"  sealring verify Shop.ipa -R 'anchor apple generic and certificate "
		"leaf[subject.OU] = \"ABCDE12345\"'",
	.options = options,
	.operands = operands,
	.run = run,
};
