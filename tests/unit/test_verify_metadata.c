/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every row of spec codesign.md 9.3 that files can show: a good app, a change, and
 * what the judge has to say.  A new case is a new row.
 */
#include <stdio.h>
#include <unistd.h>

#include "support/forge.h"
#include "support/harness.h"
#include "util/mem.h"

#define KIT       "Frameworks/Kit.framework"
#define SHARE     "PlugIns/Share.appex"
#define WATCH     "Watch/W.app"
#define WX        WATCH "/PlugIns/WX.appex"
#define CLIP      "AppClips/Clip.app"

#define STR(text) "<string>" text "</string>"
#define INT(n)    "<integer>" #n "</integer>"
#define LIST(v)   "<array>" v "</array>"
#define DICT(v)   "<dict>" v "</dict>"
/* not with KEY: cppcheck cannot expand it inside of itself */
#define EXT(v)    "<key>NSExtension</key><dict>" v "</dict>"
#define ATTRS(v)  "<key>NSExtensionAttributes</key><dict>" v "</dict>"
#define KEY(k, v) "<key>" k "</key>" v
#define OS(major) ((uint32_t)(major) << 16)

/* A key of a bundle's Info.plist: "NSExtension.NSExtensionAttributes.X". */
struct set {
	const char *bundle, *key;
	const char *xml; /* the value; NULL: the key goes */
};

/* A further bundle. */
struct add {
	const char *path, *id;
	const char *xml;   /* further keys */
	uint32_t filetype; /* 0: a program */
};

struct mutation {
	const char *reason; /* NULL: admitted */
	const char *at;     /* the bundle that the finding is about; NULL: the app */
	const char *text, *noted, *unnoted, *also[6];
	struct set set[5];
	struct add add[3];
	const char *removed[2]; /* bundles that go */
	const char *model;      /* NULL: that of the good device */
	uint32_t os;
	bool strict;
};

static const struct mutation *row;

static void put_add(const struct forge *f, const struct add *a)
{
	struct tiny_slice code = TINY_ARM64;
	bool watch = strncmp(a->path, "Watch/", 6) == 0;
	const char *slash = strrchr(a->path, '/') + 1;
	AUTO(drop_str) char *name = mem_str(slash, strcspn(slash, "."));
	AUTO(drop_str) char *executable = mem_format("%s/%s", a->path, name);
	AUTO(drop_str) char *info = mem_format("%s/Info.plist", a->path);
	AUTO(drop_str)
	char *text = mem_format(
		"<plist><dict><key>CFBundleIdentifier</key><string>%s</string>"
		"<key>CFBundleExecutable</key><string>%s</string>"
		"<key>CFBundleName</key><string>N</string>"
		"<key>CFBundleDisplayName</key><string>N</string>"
		"<key>CFBundleVersion</key><string>1</string>%s</dict></plist>",
		a->id, name, a->xml);

	code.filetype = a->filetype != 0 ? a->filetype : 2;
	if (watch) {
		code.platform = 4;
		code.min_os = OS(8);
	}
	forge_macho(f, executable, &code, 1);
	forge_put(f, info, text);
}

static void take_away(const struct forge *f, const char *bundle)
{
	const char *slash = strrchr(bundle, '/') + 1;
	AUTO(drop_str) char *info = mem_format("%s/Info.plist", bundle);
	AUTO(drop_str)
	char *code = mem_format("%s/%.*s", bundle, (int)strcspn(slash, "."), slash);
	AUTO(drop_str) char *folder = mem_format("%s/%s", f->app, bundle);

	forge_remove(f, info);
	forge_remove(f, code);
	CHECK(remove(folder) == 0);
	/* what it was in, if nothing else is */
	*strrchr(folder, '/') = '\0';
	(void)rmdir(folder);
}

static void set_key(const struct forge *f, const struct set *s)
{
	AUTO(drop_str)
	char *name = mem_format("%s%sInfo.plist", s->bundle,
	                        s->bundle[0] != '\0' ? "/" : "");
	AUTO(buf_free) struct buf old = BUF_INIT(FORGE_MAX_FILE);
	AUTO(buf_free) struct buf new = BUF_INIT(FORGE_MAX_FILE);
	AUTO(drop_pl) struct pl *root = NULL;
	AUTO(drop_pl) struct pl *value = NULL;
	struct error err = { 0 };
	const char *key = s->key;

	forge_read(&old, f, name);
	REQUIRE_OK(pl_parse(&root, buf_slice(&old), name, &err), &err);
	struct pl *dict = root;
	for (const char *dot; (dot = strchr(key, '.')) != NULL; key = dot + 1) {
		AUTO(drop_str) char *outer = mem_str(key, (size_t)(dot - key));
		const struct pl *inner = pl_get_type(dict, outer, PL_DICT);

		dict = pl_set(dict, outer,
		              inner != NULL ? pl_copy(inner) : pl_new_dict());
	}
	if (s->xml == NULL) {
		pl_remove(dict, key);
	} else {
		AUTO(drop_str) char *text = mem_format("<plist>%s</plist>", s->xml);

		REQUIRE_OK(pl_parse(&value, slice_str(text), s->key, &err), &err);
		pl_set(dict, key, STEAL(value));
	}
	REQUIRE_OK(pl_write_xml(&new, root, &err), &err);
	forge_put_bytes(f, name, buf_slice(&new));
}

static void mutate(struct forge *f)
{
	for (size_t i = 0; i < ARRAY_LEN(row->removed); i++)
		if (row->removed[i] != NULL)
			take_away(f, row->removed[i]);
	for (size_t i = 0; i < ARRAY_LEN(row->add); i++)
		if (row->add[i].path != NULL)
			put_add(f, &row->add[i]);
	for (size_t i = 0; i < ARRAY_LEN(row->set); i++)
		if (row->set[i].key != NULL)
			set_key(f, &row->set[i]);
}

static void ask(struct forge *f)
{
	if (row->model != NULL)
		f->request.device.model = row->model[0] != '\0' ? row->model : NULL;
	if (row->os != 0)
		f->request.device.os_version = row->os;
	f->request.strict = row->strict;
}

static void check_rows(const struct mutation *rows, size_t count, int line)
{
	for (size_t i = 0; i < count; i++) {
		struct forge_case c = { .reason = rows[i].reason,
			                .bundle = rows[i].at != NULL ? rows[i].at : "",
			                .text = rows[i].text,
			                .noted = rows[i].noted,
			                .unnoted = rows[i].unnoted,
			                .before = mutate,
			                .ask = ask };

		memcpy(c.also, rows[i].also, sizeof c.also);
		row = &rows[i];
		/* the line that is shown is the table's, and its row */
		check_case_at(&c, __FILE__, line + (int)i);
	}
}
#define check_table(rows) check_rows(rows, ARRAY_LEN(rows), __LINE__ * 1000)

/* clang-format off */

TEST(names_and_versions)
{
	static const struct mutation rows[] = {
		{ "bundle.version-missing", .text = "none", .set = { { "", "CFBundleVersion", NULL } } },
		{ "bundle.version-missing", .text = "an empty string", .set = { { "", "CFBundleVersion", STR("") } } },
		{ "bundle.version-missing", .text = "integer", .set = { { "", "CFBundleVersion", INT(1) } } },
		{ "bundle.version-missing", SHARE, .set = { { SHARE, "CFBundleVersion", NULL } } },
		{ NULL, .set = { { KIT, "CFBundleVersion", NULL } } },
		{ "bundle.short-version", .set = { { "", "CFBundleShortVersionString", INT(1) } } },
		{ "bundle.short-version", KIT, .set = { { KIT, "CFBundleShortVersionString", STR("") } } },
		{ NULL, .set = { { "", "CFBundleShortVersionString", NULL } } },
		{ NULL, .noted = "bundle.name-missing", .at = SHARE, .set = { { SHARE, "CFBundleName", NULL } } },
		{ NULL, .noted = "bundle.name-missing", .at = SHARE, .set = { { SHARE, "CFBundleName", STR("") } } },
		{ NULL, .noted = "bundle.name-missing", .set = { { "", "CFBundleName", STR("") } } },
		{ NULL, .noted = "bundle.name-missing", .at = WATCH, .set = { { WATCH, "CFBundleName", INT(7) } } },
		{ NULL, .set = { { "", "CFBundleName", NULL }, { KIT, "CFBundleName", STR("") } } },
		{ NULL, .noted = "bundle.display-name-missing", .at = SHARE, .set = { { SHARE, "CFBundleDisplayName", NULL } } },
		{ NULL, .noted = "bundle.display-name-missing", .at = SHARE, .set = { { SHARE, "CFBundleDisplayName", STR("") } } },
		{ NULL, .set = { { "", "CFBundleDisplayName", NULL }, { WATCH, "CFBundleDisplayName", NULL } } },
		{ "bundle.id-missing", KIT, .set = { { KIT, "CFBundleIdentifier", NULL } } },
		{ "bundle.no-executable", .set = { { "", "CFBundleExecutable", NULL } } },
	};

	check_table(rows);
}

TEST(models_that_a_variant_is_for)
{
	static const struct mutation rows[] = {
		{ "bundle.supported-devices", .text = "a list of models", .set = { { "", "UISupportedDevices", STR("iPhone14,5") } } },
		{ "bundle.supported-devices", .also = { "bundle.thinned" }, .text = "an empty list", .set = { { "", "UISupportedDevices", LIST("") } } },
		{ "bundle.supported-devices", .set = { { "", "UISupportedDevices", LIST(STR("iPhone14,5") STR("")) } } },
		{ "bundle.supported-devices", .set = { { "", "UISupportedDevices", LIST(STR("iPhone14,5") INT(1)) } } },
		{ NULL, .set = { { "", "UISupportedDevices", LIST(STR("iPhone10,1") STR("iPhone14,5")) } } },
		{ "bundle.thinned", .text = "iPhone14,5", .set = { { "", "UISupportedDevices", LIST(STR("iPhone10,1")) } } },
		{ NULL, .set = { { "", "UISupportedDevices", LIST(STR("iPhone10,1")) } }, .model = "" },
		{ NULL, .set = { { "", "UISupportedDevices", LIST(STR("iPhone10,1")) } }, .model = "iPhone10,1" },
		{ NULL, .set = { { SHARE, "UISupportedDevices", LIST(STR("iPhone10,1")) } } },
	};

	check_table(rows);
}

TEST(services)
{
	static const struct mutation rows[] = {
		{ "bundle.xpc-service", SHARE, .text = "an empty list", .set = { { SHARE, "XPCService", LIST("") } } },
		{ NULL, .set = { { SHARE, "XPCService", DICT("") }, { "", "XPCService", STR("x") } } },
		{ NULL, .set = { { SHARE, "XPCService", DICT(KEY("RunLoopType", STR("NSRunLoop")) KEY("ServiceType", STR("Application"))) } } },
		{ "bundle.xpc-run-loop", SHARE, .set = { { SHARE, "XPCService.RunLoopType", STR("") } } },
		{ "bundle.xpc-run-loop", KIT, .set = { { KIT, "XPCService.RunLoopType", INT(1) } } },
		{ "bundle.xpc-type", SHARE, .set = { { SHARE, "XPCService.ServiceType", STR("") } } },
		{ "bundle.xpc-type", .set = { { "", "XPCService.ServiceType", LIST("") } } },
	};

	check_table(rows);
}

#define POINT "NSExtension.NSExtensionPointIdentifier"

TEST(extensions_say_what_they_are)
{
	static const struct mutation rows[] = {
		{ "bundle.appex-type", SHARE, .text = "APPL", .set = { { SHARE, "CFBundlePackageType", STR("APPL") } } },
		{ "bundle.appex-type", SHARE, .set = { { SHARE, "CFBundlePackageType", INT(1) } } },
		{ NULL, .set = { { SHARE, "CFBundlePackageType", NULL } } },
		{ "bundle.appex-extension", SHARE, .set = { { SHARE, "NSExtension", NULL } } },
		{ "bundle.appex-extension", SHARE, .set = { { SHARE, "NSExtension", STR("x") }, { SHARE, "EXAppExtensionAttributes", DICT("") } } },
		{ NULL, .unnoted = "bundle.appex-entry", .set = { { SHARE, "NSExtension", NULL }, { SHARE, "EXAppExtensionAttributes", DICT("") } } },
		{ "bundle.appex-context", SHARE, .set = { { SHARE, "NSExtension.NSExtensionContextClass", STR("") } } },
		{ "bundle.appex-context-host", SHARE, .set = { { SHARE, "NSExtension.NSExtensionContextHostClass", INT(1) } } },
		{ "bundle.appex-view-host", SHARE, .set = { { SHARE, "NSExtension.NSExtensionViewControllerHostClass", STR("") } } },
		{ NULL, .set = { { SHARE, "NSExtension.NSExtensionContextClass", STR("A") }, { SHARE, "NSExtension.NSExtensionContextHostClass", STR("B") }, { SHARE, "NSExtension.NSExtensionViewControllerHostClass", STR("C") } } },
		{ "bundle.appex-point", SHARE, .set = { { SHARE, POINT, NULL } } },
		{ "bundle.appex-point-form", SHARE, .text = "integer", .set = { { SHARE, POINT, INT(1) } } },
		{ "bundle.appex-point-form", SHARE, .text = "share", .set = { { SHARE, POINT, STR("share") } } },
		{ "bundle.appex-point-form", SHARE, .set = { { SHARE, POINT, STR("") } } },
		{ "bundle.appex-point-form", SHARE, .set = { { SHARE, POINT, STR("com..share") } } },
		{ "bundle.appex-point-form", SHARE, .set = { { SHARE, POINT, STR(".com.share") } } },
		{ "bundle.appex-point-form", SHARE, .set = { { SHARE, POINT, STR("com.share.") } } },
		{ "bundle.appex-point-form", SHARE, .set = { { SHARE, POINT, STR("com.share it") } } },
		{ NULL, .set = { { SHARE, POINT, STR("my-9.share_it") } } },
		{ "bundle.appex-attributes", SHARE, .set = { { SHARE, "NSExtension.NSExtensionAttributes", LIST("") } } },
		{ "bundle.appex-point-name", SHARE, .set = { { SHARE, "NSExtension.NSExtensionAttributes.NSExtensionPointName", STR("") } } },
		{ "bundle.appex-point-version", SHARE, .set = { { SHARE, "NSExtension.NSExtensionAttributes.NSExtensionPointVersion", INT(1) } } },
		{ NULL, .set = { { SHARE, "NSExtension.NSExtensionAttributes", DICT(KEY("NSExtensionPointName", STR("n")) KEY("NSExtensionPointVersion", STR("1"))) } } },
	};

	check_table(rows);
}

TEST(extensions_have_something_to_start)
{
	static const struct mutation rows[] = {
		{ NULL, .noted = "bundle.appex-entry", .at = SHARE, .set = { { SHARE, "NSExtension.NSExtensionPrincipalClass", NULL } } },
		{ NULL, .unnoted = "bundle.appex-entry" },
		{ NULL, .unnoted = "bundle.appex-entry", .set = { { SHARE, "NSExtension.NSExtensionPrincipalClass", NULL }, { SHARE, "NSExtension.NSExtensionMainStoryboard", STR("M") } } },
		{ NULL, .unnoted = "bundle.appex-entry", .set = { { SHARE, "NSExtension.NSExtensionPrincipalClass", NULL }, { SHARE, POINT, STR("com.apple.widgetkit-extension") } } },
	};

	check_table(rows);
}

TEST(ids_of_extensions)
{
	static const struct mutation rows[] = {
		{ "bundle.appex-prefix", SHARE, .text = "com.other.share", .set = { { SHARE, "CFBundleIdentifier", STR("com.other.share") } } },
		{ "bundle.appex-dots", SHARE, .text = "com.ex.app.a.b", .strict = true, .set = { { SHARE, "CFBundleIdentifier", STR("com.ex.app.a.b") } } },
		{ NULL, .unnoted = "bundle.appex-dots", .set = { { SHARE, "CFBundleIdentifier", STR("com.ex.app.a.b") } } },
		{ NULL, .strict = true },
		{ "bundle.appex-prefix", SHARE, .strict = true, .set = { { SHARE, "CFBundleIdentifier", STR("com.other.a.b") } } },
		{ "bundle.duplicate-id", SHARE, .set = { { SHARE, "CFBundleIdentifier", STR("com.ex.app.Clip") } } },
		{ "bundle.clip-prefix", CLIP, .set = { { CLIP, "CFBundleIdentifier", STR("com.other.Clip") } } },
	};

	check_table(rows);
}

#define FOR_12 { "", "MinimumOSVersion", STR("12.0") }, { SHARE, "MinimumOSVersion", STR("12.0") }, { CLIP, "MinimumOSVersion", STR("12.0") }

TEST(systems_that_know_the_extension_point)
{
	static const struct mutation rows[] = {
		{ "bundle.appex-point-unknown", SHARE, .text = "iOS 14", .os = OS(14) - 1, .set = { FOR_12, { SHARE, POINT, STR("com.apple.widgetkit-extension") } } },
		{ NULL, .os = OS(14), .set = { FOR_12, { SHARE, POINT, STR("com.apple.widgetkit-extension") } } },
		{ NULL, .os = OS(14) - 1, .set = { FOR_12 } },
		{ "bundle.os-too-old", .os = OS(14), .also = { "bundle.os-too-old" } },
	};

	check_table(rows);
}

#define EXTENSION(point) EXT(KEY("NSExtensionPointIdentifier", STR(point)) KEY("NSExtensionPrincipalClass", STR("C")))
#define FILES    "com.apple.fileprovider-nonui"
#define MESSAGES "com.apple.message-payload-provider"
#define TWO      "PlugIns/Two.appex"
#define THREE    "PlugIns/X.appex"

TEST(one_extension_of_a_kind)
{
	static const struct mutation rows[] = {
		{ NULL, .add = { { TWO, "com.ex.app.two", EXTENSION(FILES) } } },
		{ "bundle.file-providers", TWO, .set = { { SHARE, POINT, STR(FILES) } }, .add = { { TWO, "com.ex.app.two", EXTENSION(FILES) } } },
		{ NULL, .add = { { TWO, "com.ex.app.two", EXTENSION(FILES) }, { WATCH "/PlugIns/Two.appex", "com.ex.app.watch.two", EXTENSION(FILES) } } },
		{ NULL, .add = { { TWO, "com.ex.app.two", EXTENSION(MESSAGES) } } },
		{ "bundle.messages-several", TWO, .set = { { SHARE, POINT, STR(MESSAGES) } }, .add = { { TWO, "com.ex.app.two", EXTENSION(MESSAGES) } } },
		{ "bundle.watch-kits", TWO, .set = { { SHARE, POINT, STR("com.apple.watchkit") } }, .add = { { TWO, "com.ex.app.two", EXTENSION("com.apple.watchkit") } } },
		{ NULL, .add = { { TWO, "com.ex.app.two", EXTENSION("com.apple.watchkit") } } },
	};

	check_table(rows);
}

#define NOT_LAUNCHED { "", "LSApplicationLaunchProhibited", "<true/>" }

TEST(apps_for_messages_alone)
{
	static const struct mutation rows[] = {
		{ NULL, .set = { NOT_LAUNCHED } }, /* it carries a watch app */
		{ "bundle.messages-missing", .also = { "bundle.messages-others" }, .set = { NOT_LAUNCHED }, .removed = { WX, WATCH } },
		{ NULL, .set = { NOT_LAUNCHED, { "", "ITSWatchOnlyContainer", "<true/>" } }, .removed = { WX, WATCH } },
		{ NULL, .set = { NOT_LAUNCHED, { SHARE, POINT, STR(MESSAGES) } }, .removed = { WX, WATCH } },
		{ "bundle.messages-others", TWO, .set = { NOT_LAUNCHED, { SHARE, POINT, STR(MESSAGES) } }, .add = { { TWO, "com.ex.app.two", EXTENSION(FILES) } }, .removed = { WX, WATCH } },
		{ NULL, .set = { { "", "LSApplicationLaunchProhibited", "<false/>" } }, .removed = { WX, WATCH } },
	};

	check_table(rows);
}

#define INTENTS         "com.apple.intents-service"
#define ATTRIBUTE(name) "NSExtension.NSExtensionAttributes." name
#define SIRI(list)      EXT(KEY("NSExtensionPointIdentifier", STR(INTENTS)) KEY("NSExtensionPrincipalClass", STR("C")) ATTRS(KEY("IntentsSupported", LIST(list))))
#define WATCH_SIRI      WATCH "/PlugIns/Siri.appex"

TEST(siri_intents)
{
	static const struct mutation rows[] = {
		{ "bundle.intents-missing", SHARE, .text = "none", .set = { { SHARE, POINT, STR(INTENTS) } } },
		{ "bundle.intents-missing", SHARE, .text = "string", .set = { { SHARE, POINT, STR(INTENTS) }, { SHARE, ATTRIBUTE("IntentsSupported"), STR("A") } } },
		{ NULL, .set = { { SHARE, POINT, STR(INTENTS) }, { SHARE, ATTRIBUTE("IntentsSupported"), LIST(STR("A")) } } },
		{ "bundle.intents-locked", SHARE, .set = { { SHARE, POINT, STR(INTENTS) }, { SHARE, ATTRIBUTE("IntentsSupported"), LIST(STR("A")) }, { SHARE, ATTRIBUTE("IntentsRestrictedWhileLocked"), STR("A") } } },
		{ "bundle.intents-locked", SHARE, .set = { { SHARE, POINT, STR(INTENTS) }, { SHARE, ATTRIBUTE("IntentsSupported"), LIST(STR("A")) }, { SHARE, ATTRIBUTE("IntentsRestrictedWhileLocked"), LIST(INT(1)) } } },
		{ NULL, .set = { { SHARE, POINT, STR(INTENTS) }, { SHARE, ATTRIBUTE("IntentsSupported"), LIST(STR("A") STR("B")) }, { SHARE, ATTRIBUTE("IntentsRestrictedWhileLocked"), LIST(STR("B")) } } },
		{ "bundle.intents-subset", SHARE, .text = "C", .set = { { SHARE, POINT, STR(INTENTS) }, { SHARE, ATTRIBUTE("IntentsSupported"), LIST(STR("A") STR("B")) }, { SHARE, ATTRIBUTE("IntentsRestrictedWhileLocked"), LIST(STR("B") STR("C")) } } },
		{ NULL, .add = { { TWO, "com.ex.app.two", SIRI(STR("A")) }, { THREE, "com.ex.app.x", SIRI(STR("B")) } } },
		{ "bundle.intents-twice", THREE, .text = "A, as ", .add = { { TWO, "com.ex.app.two", SIRI(STR("A")) }, { THREE, "com.ex.app.x", SIRI(STR("B") STR("A")) } } },
		{ NULL, .add = { { TWO, "com.ex.app.two", SIRI(STR("A") STR("B")) }, { WATCH_SIRI, "com.ex.app.watch.siri", SIRI(STR("A")) } } },
		{ "bundle.intents-watch", WATCH_SIRI, .text = "C", .add = { { TWO, "com.ex.app.two", SIRI(STR("A") STR("B")) }, { WATCH_SIRI, "com.ex.app.watch.siri", SIRI(STR("C")) } } },
		{ NULL, .set = { { SHARE, ATTRIBUTE("IntentsRestrictedWhileLocked"), STR("A") } } },
		{ NULL, .add = { { TWO, "com.ex.app.two", SIRI(STR("A") STR("A")) } } },
		{ "bundle.intents-watch", WATCH_SIRI, .text = "A", .add = { { WATCH_SIRI, "com.ex.app.watch.siri", SIRI(STR("A")) } } },
	};

	check_table(rows);
}

#define WATCHKIT        EXTENSION("com.apple.watchkit")
#define WATCH_TWO       WATCH "/PlugIns/Two.appex"
#define WATCH_APP(more) KEY("WKCompanionAppBundleIdentifier", STR("com.ex.app")) KEY("UIDeviceFamily", LIST(INT(4))) more
#define BEFORE_3        { WATCH, "MinimumOSVersion", STR("2.9") }
#define WATCH_KIT       WATCH "/Frameworks/WKit.framework"

TEST(watch_apps)
{
	static const struct mutation rows[] = {
		{ "bundle.watch-companion", WATCH, .text = "com.ex.other", .set = { { WATCH, "WKCompanionAppBundleIdentifier", STR("com.ex.other") } } },
		{ "bundle.watch-companion", WATCH, .text = "none", .set = { { WATCH, "WKCompanionAppBundleIdentifier", NULL } } },
		{ NULL, .set = { { WATCH, "WKCompanionAppBundleIdentifier", NULL }, { WATCH, "WKWatchOnly", "<true/>" } } },
		{ "bundle.watch-extension", WX, .text = "com.ex.other", .set = { { WX, ATTRIBUTE("WKAppBundleIdentifier"), STR("com.ex.other") } } },
		{ "bundle.watch-extension", WX, .text = "none", .set = { { WX, ATTRIBUTE("WKAppBundleIdentifier"), NULL } } },
		{ "bundle.watch-family", WATCH, .text = "without", .set = { { WATCH, "UIDeviceFamily", LIST(INT(1)) } } },
		{ "bundle.watch-family", WATCH, .text = "none", .set = { { WATCH, "UIDeviceFamily", NULL } } },
		{ NULL, .set = { { WATCH, "UIDeviceFamily", LIST(INT(1) INT(4)) } } },
		{ "bundle.watch-prefix", WATCH, .text = "com.other.watch", .set = { { WATCH, "CFBundleIdentifier", STR("com.other.watch") }, { WX, "CFBundleIdentifier", STR("com.other.watch.ext") }, { WX, ATTRIBUTE("WKAppBundleIdentifier"), STR("com.other.watch") } } },
		{ "bundle.watch-several", "Watch/Z.app", .add = { { "Watch/Z.app", "com.ex.app.z", WATCH_APP("") } } },
		/* of its own code: nothing of the classic pair is asked */
		{ NULL, .set = { { WATCH, "WKWatchKitApp", NULL }, { WATCH, "WKApplication", "<true/>" }, { WATCH, "WKCompanionAppBundleIdentifier", NULL } }, .removed = { WX } },
		{ "bundle.watch-no-extension", WATCH, .removed = { WX } },
		{ "bundle.watch-other-extensions", WATCH, .set = { { WX, POINT, STR(FILES) } } },
		{ "bundle.watch-extensions", WX, .add = { { WATCH_TWO, "com.ex.app.watch.two", EXT(KEY("NSExtensionPointIdentifier", STR("com.apple.watchkit")) ATTRS(KEY("WKAppBundleIdentifier", STR("com.ex.app.watch")))) } } },
		{ NULL, .add = { { WATCH_TWO, "com.ex.app.watch.two", EXTENSION(FILES) } } },
		{ "bundle.watch-early-extension", WATCH_TWO, .set = { BEFORE_3 }, .add = { { WATCH_TWO, "com.ex.app.watch.two", EXTENSION(FILES) } } },
		{ NULL, .set = { BEFORE_3 } },
		{ NULL, .set = { { WATCH, "MinimumOSVersion", STR("3.0") } }, .add = { { WATCH_TWO, "com.ex.app.watch.two", EXTENSION(FILES) }, { WATCH_KIT, "com.ex.app.wkit", "", 6 } } },
		{ "bundle.watch-early-framework", WATCH_KIT, .set = { BEFORE_3 }, .add = { { WATCH_KIT, "com.ex.app.wkit", "", 6 } } },
	};

	check_table(rows);
}

#define OLD       TWO "/Old.app"
#define OLD_TWO   THREE "/Older.app"
#define OLD_APP   KEY("WKWatchKitApp", "<true/>") KEY("UIDeviceFamily", LIST(INT(4)))

TEST(watch_apps_of_the_first_kind)
{
	static const struct mutation rows[] = {
		{ NULL, .add = { { TWO, "com.ex.app.two", WATCHKIT }, { OLD, "com.ex.app.old", OLD_APP } }, .removed = { WX, WATCH } },
		{ "bundle.watch-old-framework", OLD "/Frameworks/O.framework", .add = { { TWO, "com.ex.app.two", WATCHKIT }, { OLD, "com.ex.app.old", OLD_APP }, { OLD "/Frameworks/O.framework", "com.ex.app.o", "", 6 } } , .removed = { WX, WATCH } },
		{ "bundle.watch-old-extension", OLD "/PlugIns/O.appex", .add = { { TWO, "com.ex.app.two", WATCHKIT }, { OLD, "com.ex.app.old", OLD_APP }, { OLD "/PlugIns/O.appex", "com.ex.app.old.o", EXTENSION(FILES) } } , .removed = { WX, WATCH } },
		{ "bundle.watch-ids", OLD, .text = "com.ex.app.watch", .add = { { TWO, "com.ex.app.two", WATCHKIT }, { OLD, "com.ex.app.old", OLD_APP } } },
	};

	check_table(rows);
}

/* clang-format on */

static void two_of_the_first_kind(struct forge *f)
{
	static const struct add more[] = {
		{ TWO, "com.ex.app.two", WATCHKIT, 0 },
		{ OLD, "com.ex.app.old", OLD_APP, 0 },
		{ THREE, "com.ex.app.x", EXTENSION(FILES), 0 },
		{ OLD_TWO, "com.ex.app.older", OLD_APP, 0 },
	};

	take_away(f, WX);
	take_away(f, WATCH);
	for (size_t i = 0; i < ARRAY_LEN(more); i++)
		put_add(f, &more[i]);
}

TEST(one_watch_app_of_the_first_kind)
{
	check_case(&(struct forge_case){ .reason = "bundle.watch-old-several",
	                                 .bundle = OLD_TWO,
	                                 .before = two_of_the_first_kind });
}

static void broken_watch(struct forge *f)
{
	forge_put(f, WATCH "/Info.plist", "<plist><dict>");
}

TEST(a_watch_app_is_a_bundle)
{
	check_case(&(struct forge_case){ .reason = "bundle.watch-invalid",
	                                 .bundle = WATCH,
	                                 .before = broken_watch });
}

/* ---- files ---- */

#define STUB WATCH "/_WatchKitStub/WK"

static struct tiny_slice watch_code(void)
{
	struct tiny_slice code = TINY_ARM64;

	code.platform = 4;
	code.min_os = OS(8);
	return code;
}

/* The executable is the stub, but for its signature. */
static void stub_of_the_app(struct forge *f)
{
	struct tiny_slice code = watch_code();

	code.uuid = 1;
	forge_macho(f, STUB, &code, 1);
	forge_macho(f, WATCH "/W", &code, 1);
}

static void stub_of_another(struct forge *f)
{
	struct tiny_slice code = watch_code();

	stub_of_the_app(f);
	code.uuid = 2;
	forge_macho(f, STUB, &code, 1);
}

static void long_stub(struct forge *f, uint32_t tail)
{
	struct tiny_slice code = watch_code();
	AUTO(buf_free) struct buf bytes = BUF_INIT(TINY_MAX_BYTES);

	tiny_macho(&bytes, &code);
	code.tail = ((uint32_t)16 << 20) - (uint32_t)bytes.n + tail;
	forge_macho(f, STUB, &code, 1);
}

static void longest_stub(struct forge *f)
{
	long_stub(f, 0);
}

static void too_long_stub(struct forge *f)
{
	long_stub(f, 1);
}

static void stub_is_text(struct forge *f)
{
	forge_put(f, STUB, "no code at all, but long enough to be some");
}

TEST(the_stub_is_the_watch_apps_executable)
{
	check_case(&(struct forge_case){ .before = stub_of_the_app });
	check_case(&(struct forge_case){ .reason = "bundle.watch-stub",
	                                 .bundle = WATCH,
	                                 .text = "other arm64 code",
	                                 .before = stub_of_another });
	check_case(&(struct forge_case){ .reason = "bundle.watch-stub",
	                                 .bundle = WATCH,
	                                 .before = stub_is_text });
	check_case(&(struct forge_case){ .before = longest_stub });
	check_case(&(struct forge_case){ .reason = "bundle.watch-stub",
	                                 .bundle = WATCH,
	                                 .before = too_long_stub });
}

static size_t licence_bytes;
static const unsigned char licence[] = { 0, 0, 0, 12, 's', 'i', 'n', 'f', 1, 2, 3, 4 };

static void put_sinf(struct forge *f)
{
	forge_put_bytes(f, "SC_Info/App.sinf", slice_of(licence, licence_bytes));
}

static void other_sinf(struct forge *f)
{
	forge_put_bytes(f, "SC_Info/App.sinf",
	                slice_of("\0\0\0\x08"
	                         "free",
	                         8));
}

/* A licence of this many bytes, most of them nothing. */
static void long_sinf(const struct forge *f, size_t n)
{
	AUTO(buf_free) struct buf bytes = BUF_INIT((size_t)2 << 20);
	struct error err = { 0 };
	const unsigned char head[] = {
		0, (unsigned char)(n >> 16), 0, 0, 's', 'i', 'n', 'f'
	};

	CHECK(buf_append(&bytes, slice_of(head, sizeof head), &err));
	while (bytes.n < n)
		CHECK(buf_append(&bytes, slice_str("x"), &err));
	forge_put_bytes(f, "SC_Info/App.sinf", buf_slice(&bytes));
}

static void longest_sinf(struct forge *f)
{
	long_sinf(f, (size_t)1 << 20);
}

static void too_long_sinf(struct forge *f)
{
	long_sinf(f, ((size_t)1 << 20) + 1);
}

TEST(a_licence_is_whole)
{
	licence_bytes = sizeof licence;
	check_case(&(struct forge_case){ .before = put_sinf });
	for (licence_bytes = 0; licence_bytes < sizeof licence; licence_bytes++)
		check_case(&(struct forge_case){ .reason = "bundle.sinf",
		                                 .text = "SC_Info/App.sinf",
		                                 .before = put_sinf });
	check_case(
		&(struct forge_case){ .reason = "bundle.sinf", .before = other_sinf });
	check_case(&(struct forge_case){ .before = longest_sinf });
	check_case(&(struct forge_case){ .reason = "bundle.sinf",
	                                 .before = too_long_sinf });
}

/* ---- an upgrade ---- */

static void over_the_same(struct forge *f)
{
	f->request.device.installed_app_id = FORGE_APP_ID;
}

static void over_another(struct forge *f)
{
	f->request.device.installed_app_id = "OTHERTEAM1." GOOD_APP_ID;
}

static void no_claims(struct forge_code *c)
{
	pl_remove(c->claims, "application-identifier");
}

TEST(an_upgrade_is_of_the_app_that_is_there)
{
	check_case(&(struct forge_case){ .ask = over_the_same });
	check_case(&(struct forge_case){ .reason = "upgrade.appid-mismatch",
	                                 .text = "OTHERTEAM1.com.ex.app",
	                                 .ask = over_another });
	check_case(&(struct forge_case){ .reason = "ent.appid-missing",
	                                 .plan = no_claims,
	                                 .ask = over_another });
}
