/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/data_impl.h"

static const struct explain_entry entries[] = {
	{
		.id = "SIGN-01",
		.title = "a piece of code is not signed",
		.messages = NO_TEXTS,
		.names = TEXTS("errSecCSUnsigned"),
		.causes = CAUSES({ "A nested binary or framework was left out when "
	                           "signing.",
	                           "sealring verify names every piece without a "
	                           "signature." },
	                         { "A script or other data lies where code belongs, "
	                           "such as Frameworks/X.framework/fix.sh.",
	                           "The path in the message is no Mach-O file." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Sign from the inside out, and move data out of "
		       "Frameworks.",
		.command = "sealring verify App.ipa --all",
		.sources = TEXTS("CSC", "gh:AudioKit/AudioKit#1284",
	                         "gh:omz/PythonistaAppTemplate#20"),
	},
	{
		.id = "SIGN-02",
		.title = "a file was changed after sealing",
		.messages = TEXTS("file added: /{path}", "file modified: /{path}",
	                          "file missing: /{path}"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "A file of the app was changed, added or removed "
	                           "after signing.",
	                           "sealring verify names the file and both hashes." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Put the file back, or sign again.",
		.command = "sealring verify App.ipa --all",
		.sources = TEXTS("CSC", "CSU", "gh:macmule/AutoImagrNBI#41"),
	},
	{
		.id = "SIGN-03",
		.title = "code or signature were changed",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes =
			CAUSES({ "The code was changed after signing: stripped, "
	                         "patched, thinned.",
	                         "sealring verify names the first page that differs." },
	                       { "The signature itself is damaged.",
	                         "Its message does not fit the code directory." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Sign again, as the last step.",
		.command = "sealring verify App.ipa --all",
		.sources = TEXTS("CSC"),
	},
	{
		.id = "SIGN-04",
		.title = "Info.plist was changed after signing",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes = CAUSES({ "A script set a version or another value after "
	                           "signing.",
	                           "Slot -1 of the signature is not the hash of "
	                           "Info.plist." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Change Info.plist first, then sign.",
		.command = "sealring resign IN.ipa -o OUT.ipa "
			   "--set-version VERSION --p12 dist.p12 -m "
			   "app.mobileprovision",
		.sources = TEXTS("CSC", "gh:fastlane/fastlane#1322"),
	},
	{
		.id = "SIGN-05",
		.title = "CodeResources is missing or was changed",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes = CAUSES({ "A tool that packed the app left _CodeSignature "
	                           "out.",
	                           "The folder is not there." },
	                         { "CodeResources was edited.",
	                           "Slot -3 of the signature is not its hash." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Sign again.",
		.command = "sealring verify App.ipa --all",
		.sources =
			TEXTS("CSC", "gh:airnativeextensions/ANE-Adverts-Mediation#19"),
	},
	{
		.id = "SIGN-06",
		.title = "nested code is not signed or was changed",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes =
			CAUSES({ "The app was signed first, and then what is inside "
	                         "of it.",
	                         "The nested code is valid by itself, but not what "
	                         "the app's seal holds." },
	                       { "Nested code was left out.", "It has no signature." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Sign the deepest first, the app last.",
		.command = "sealring verify App.ipa --all",
		.sources = TEXTS("CSC"),
	},
	{
		.id = "SIGN-07",
		.title = "extended attributes are in the way",
		.messages = NO_TEXTS,
		.names = TEXTS("com.apple.FinderInfo", "com.apple.ResourceFork",
	                       "com.apple.provenance"),
		.causes = CAUSES({ "Files have com.apple.FinderInfo or "
	                           "com.apple.ResourceFork.",
	                           "\"xattr -lr App.app\" lists them." },
	                         { "The project lies in iCloud Drive, which adds them "
	                           "again.",
	                           "It is below Documents or Desktop." },
	                         { "com.apple.provenance, which macOS 26 does not let "
	                           "go.",
	                           "It comes back after \"xattr -cr\"." }),
		.facts = "H",
		.decidable = EXPLAIN_PARTLY,
		.fix = "Run \"xattr -cr App.app\", and build outside of "
		       "iCloud, Documents and Desktop.",
		.command = "sealring sign App.app -o OUT.app --p12 "
			   "dist.p12 -P @env:PW -m app.mobileprovision",
		.sources =
			TEXTS("CSC", "gh:flutter/flutter#185395",
	                      "gh:flutter/flutter#80978", "gh:flutter/flutter#189734"),
	},
	{
		.id = "SIGN-08",
		.title = "a bundle has not the layout it should have",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes = CAUSES({ "A framework of the macOS layout lies in an iOS "
	                           "app.",
	                           "It has a folder Versions." },
	                         { "Info.plist is missing.",
	                           "sealring verify names the bundle." },
	                         { "Packing lost symbolic links, such as "
	                           "Versions/Current.",
	                           "It is a file of a few bytes." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Use the iOS build of the framework, and keep "
		       "symbolic links when unpacking.",
		.command = "sealring verify App.ipa --all",
		.sources = TEXTS("CSC", "gh:DevMate/DevMateKit#46",
	                         "gh:aws-amplify/aws-sdk-ios#324"),
	},
	{
		.id = "SIGN-09",
		.title = "the main executable is not of a strict form",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes = CAUSES({ "Something is behind the signature, or load "
	                           "commands are odd, as after injecting a library.",
	                           "sealring verify tells what the Mach-O file has." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Link again, or strip what is behind the "
		       "signature, then sign.",
		.command = "sealring verify App.ipa --all",
		.sources = TEXTS("CSC"),
	},
	{
		.id = "SIGN-10",
		.title = "a requirement is not satisfied",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes = CAUSES({ "The designated requirement names another "
	                           "identifier, team or certificate.",
	                           "sealring inspect prints it." },
	                         { "What \"codesign -R\" asked for does not hold.",
	                           "The requirement is on the command line." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Sign again without a requirement of your own.",
		.command = "sealring verify App.ipa -R 'REQUIREMENT'",
		.sources = TEXTS("CSC"),
	},
	{
		.id = "SIGN-11",
		.title = "a property list is malformed",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes = CAUSES({ "Entitlements or another property list cannot be "
	                           "read.",
	                           "\"plutil -lint\" names the line." }),
		.facts = "XA",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Mend the line; XML comments and missing ends of "
		       "tags are frequent.",
		.command = "sealring inspect App.entitlements",
		.sources = TEXTS("CSC"),
	},
	{
		.id = "SIGN-12",
		.title = "one profile is not enough for an app with "
			 "extensions",
		.messages =
			TEXTS("Bundle Identifier '{appid}' in provisioning profile "
	                      "'{profile}' does not match the Bundle Identifier "
	                      "'{bundle}' for application '{app}'",
	                      "No provisioning profile for nested application: '{app}' "
	                      "with bundle identifier '{bundle}'",
	                      "Use the -p option (example: -p "
	                      "com.example.app=xxxx.mobileprovision)"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "Each app and extension wants a profile of its own "
	                           "id; only one was given.",
	                           "List the nested ids." }),
		.facts = "AP",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Give one profile for each bundle id.",
		.command = "sealring resign IN.ipa -o OUT.ipa --p12 "
			   "dist.p12 -m ID=app.mobileprovision -m "
			   "ID.ext=ext.mobileprovision --plan",
		.sources = TEXTS("fl:sigh/lib/assets/resign.sh"),
	},
	{
		.id = "SIGN-13",
		.title = "the team changes while signing again",
		.messages = TEXTS("WARNING: Changing team while resigning"),
		.names = NO_TEXTS,
		.causes = CAUSES(
			{ "App groups, merchant ids, iCloud containers and "
	                  "pass types belong to the old team.",
	                  "Compare the old entitlements with the new profile." }),
		.facts = "AP",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Look at the plan: what is replaced, kept, "
		       "dropped. Data of the old team's containers is out of "
		       "reach then.",
		.command = "sealring resign IN.ipa --p12 dist.p12 -m "
			   "app.mobileprovision --plan",
		.sources = TEXTS("fl:sigh/lib/assets/resign.sh"),
	},
	{
		.id = "SIGN-14",
		.title = "a library is signed by another team than the app",
		.messages = TEXTS(
			"mapping process and mapped file (non-platform) have "
			"different Team IDs",
			"mapped file has no Team ID and is not a platform binary"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "A framework kept its maker's signature.",
	                           "inspect prints another team there." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Sign all nested code with one identity.",
		.command = "sealring verify App.ipa --all",
		.sources =
			TEXTS("gh:amplitude/Amplitude-Swift#238", "gh:jhenin/qwrap#9"),
	},
	{
		.id = "SIGN-15",
		.title = "a library has no signature at all",
		.messages = TEXTS(
			"mapped file has no cdhash, completely unsigned? Code has "
			"to be at least ad-hoc signed"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "A framework inside of a framework was left out.",
	                           "sealring verify names it." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Sign recursively.",
		.command = "sealring verify App.ipa --all",
		.sources = TEXTS("gh:idnow/de.idnow.ios.sdk#40"),
	},
	{
		.id = "SIGN-16",
		.title = "the keychain refuses the app, though it is signed",
		.messages = NO_TEXTS,
		.names = TEXTS("errSecMissingEntitlement", "Credentials unavailable"),
		.causes = CAUSES({ "The archive was built unsigned, so that "
	                           "$(AppIdentifierPrefix) became nothing.",
	                           "A keychain group in Info.plist or entitlements "
	                           "has no team in front." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Put the prefix in front of the group, and sign "
		       "with entitlements that have it.",
		.command = "sealring inspect App.ipa --only how",
		.sources = TEXTS("gh:manaflow-ai/cmux#10435"),
	},
	{
		.id = "SIGN-17",
		.title = "\"signed\", and no device takes it",
		.messages = NO_TEXTS,
		.names = TEXTS("Signed OK!"),
		.causes = CAUSES({ "The signer left the signature's message out "
	                           "(KEY-22).",
	                           "sealring verify says \"signed ad hoc\"." },
	                         { "Frameworks, extensions or the watch app were left "
	                           "out.",
	                           "They are not signed, or by somebody else." },
	                         { "Only SHA-1, or an old form of the code directory.",
	                           "sealring verify: sig.version-old." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Verify what was signed before it is handed out.",
		.command = "sealring verify App.ipa --device UDID",
		.sources = TEXTS("gh:zhlynn/zsign#399", "gh:maciekish/iReSign#46",
	                         "gh:sauce-archives/isign#15"),
	},
};

const struct explain_family explain_sign = {
	.name = "SIGN",
	.title = "Signing, verifying and starting",
	.entries = entries,
	.count = ARRAY_LEN(entries),
};
