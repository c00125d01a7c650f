/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/data_impl.h"

static const struct explain_entry entries[] = {
	{
		.id = "ITMS-90035",
		.title = "App Store Connect refuses a signature",
		.messages = TEXTS(
			"Invalid Signature. A sealed resource is missing or invalid",
			"Invalid Signature. Code object is not signed at all",
			"Invalid Signature. {why} The file at path {path} is not "
			"properly signed|. Make sure you have signed your "
			"application with a distribution certificate, not an ad "
			"hoc certificate or a development certificate.",
			"The binary with bundle identifier {bundle} at path {path} "
			"contains an invalid signature"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "A development or ad hoc certificate signed it.",
	                           "inspect names the signer of each bundle." },
	                         { "A file was changed after signing (SIGN-02, "
	                           "SIGN-04).",
	                           "sealring verify names it." },
	                         { "A framework was left out, or a script lies in one "
	                           "(SIGN-01).",
	                           "sealring verify names it." }),
		.facts = "AC",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Sign everything with the distribution "
		       "certificate, as the last step.",
		.command = "sealring verify App.ipa --all",
		.sources = TEXTS("gh:microsoft/app-store-vsts-extension#283",
	                         "gh:forcedotcom/ServiceSDK-iOS#92",
	                         "gh:zhlynn/zsign#409"),
	},
	{
		.id = "ITMS-90045",
		.title = "an entitlement that the App Store does not know",
		.messages =
			TEXTS("Specifically, key '{key}' in '{path}' is not supported"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The signature has a private or unknown "
	                           "entitlement.",
	                           "Its key is in the message." }),
		.facts = "A",
		.decidable = EXPLAIN_PARTLY,
		.fix = "Take the key out of the entitlements and sign "
		       "again.",
		.command = "sealring inspect App.ipa --only how",
		.sources = TEXTS("gh:EddyVerbruggen/nativescript-plugin-firebase#435"),
	},
	{
		.id = "ITMS-90046",
		.title = "an entitlement has a value that the App Store "
			 "does not take",
		.messages = TEXTS(
			"Specifically, value '{value}' for key '{key}' in '{path}' "
			"is not supported",
			"value '{value}' for key '{key}' in '{path} should be a "
			"string starting with your TEAMID"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The profile's wildcard was copied into the "
	                           "signature.",
	                           "The value is or ends in \"*\"." },
	                         { "A development value was kept.",
	                           "aps-environment is \"development\"." },
	                         { "A framework got the app's entitlements.",
	                           "The path in the message is a framework's." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Take the project's entitlements, with values, and "
		       "only for apps and extensions.",
		.command = "sealring inspect App.ipa --only how",
		.sources = TEXTS("gh:fastlane/fastlane#336", "gh:fastlane/fastlane#768",
	                         "gh:bazelbuild/rules_apple#181"),
	},
	{
		.id = "ITMS-90054",
		.title = "the bundle id is not that of the app record",
		.messages = TEXTS(
			"The bundle identifier cannot be changed from the current "
			"value, '{bundle}'"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "It was built in another configuration or scheme, "
	                           "with another id.",
	                           "Compare the id with that of the last upload." }),
		.facts = "AD",
		.decidable = EXPLAIN_PARTLY,
		.fix = "Build the right scheme, or upload to the other "
		       "record.",
		.command = "sealring inspect App.ipa --short",
		.sources = TEXTS("gh:fastlane/fastlane#5592",
	                         "gh:fastlane/fastlane#21028"),
	},
	{
		.id = "ITMS-90076",
		.title = "users may lose what the app keeps in the keychain",
		.messages = TEXTS(
			"Potential Loss of Keychain Access|. The previous version "
			"of software has an application-identifier value of "
			"['{old}'] and the new version"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The app was transferred, or is signed with "
	                           "another prefix.",
	                           "Compare the prefix with that of the old .ipa." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "It is a warning. Keep the old prefix or keychain "
		       "group, or accept that users sign in anew.",
		.command = "sealring inspect Old.ipa New.ipa --only what",
		.sources = TEXTS("gh:fastlane-old/deliver#225"),
	},
	{
		.id = "ITMS-90078",
		.title = "the app uses push, its signature does not say so",
		.messages =
			TEXTS("Missing Push Notification Entitlement",
	                      "Xcode does not automatically copy the aps-environment "
	                      "entitlement from provisioning profiles"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The code registers for push, the signature lacks "
	                           "aps-environment.",
	                           "inspect lists the entitlements." }),
		.facts = "A",
		.decidable = EXPLAIN_PARTLY,
		.fix = "Add aps-environment to the .entitlements file; "
		       "Xcode does not take it from the profile. If the app uses "
		       "no push, ignore the warning.",
		.command = "sealring inspect App.ipa --only how",
		.sources = TEXTS("gh:baloise/this-or-that#144"),
	},
	{
		.id = "ITMS-90159",
		.title = "the profile inside is another team's",
		.messages =
			TEXTS("This app contains an embedded provisioning profile that "
	                      "is not associated with your account|. Please use a "
	                      "provisioning profile associated with Team ID {team}"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The app is signed for another team than it is "
	                           "uploaded to.",
	                           "Compare the profile's team with the message." }),
		.facts = "P",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Sign with a profile of the team that owns the app "
		       "record.",
		.command = "sealring inspect App.ipa",
		.sources = TEXTS("gh:fastlane/fastlane#7988"),
	},
	{
		.id = "ITMS-90161",
		.title = "the profile inside is none for the App Store",
		.messages =
			TEXTS("Invalid Provisioning Profile. The provisioning profile "
	                      "included in the bundle {bundle} is invalid",
	                      "A Distribution Provisioning profile should be used when "
	                      "submitting apps to the App Store"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "It is a development, ad hoc or in-house profile.",
	                           "It lists devices, or all devices, or allows "
	                           "get-task-allow." },
	                         { "The certificate in it is gone.",
	                           "The message has \"Missing code-signing "
	                           "certificate\"." }),
		.facts = "P",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Sign with an App Store profile.",
		.command = "sealring profile create appstore -a BUNDLE_ID "
			   "--portal DIR -o app.mobileprovision",
		.sources = TEXTS("gh:fastlane/fastlane#20989",
	                         "gh:fastlane/fastlane#9326", "fs:6706623035"),
	},
	{
		.id = "ITMS-90164",
		.title = "the signature claims more than the profile allows",
		.messages =
			TEXTS("The entitlements in your app bundle signature do not "
	                      "match the ones that are contained in the provisioning "
	                      "profile",
	                      "the bundle contains a key value that is not allowed: "
	                      "'{value}' for the key '{key}' in '{path}'"),
		.names = NO_TEXTS,
		.causes = CAUSES(
			{ "get-task-allow is true, a keychain group lacks "
	                  "its prefix, or the id is another one.",
	                  "Compare the value in the message with the profile." }),
		.facts = "AP",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Sign with entitlements that the profile allows.",
		.command = "sealring inspect App.ipa --only how",
		.sources = TEXTS("gh:airsdk/Adobe-Runtime-Support#137",
	                         "gh:xamarin/Essentials#398"),
	},
	{
		.id = "ITMS-90174",
		.title = "no profile is inside",
		.messages =
			TEXTS("Missing Provisioning Profile - iOS Apps must contain a "
	                      "provisioning profile in a file named "
	                      "embedded.mobileprovision."),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The export was left out, or a build step dropped "
	                           "the file.",
	                           "embedded.mobileprovision is not in the app." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Export the archive, or sign with a profile.",
		.command = "sealring sign IN.ipa -o OUT.ipa --p12 "
			   "dist.p12 -P @env:PW -m app.mobileprovision",
		.sources = TEXTS("gh:adamwaite/iOS-Build-Kit#30",
	                         "gh:apache/cordova-ios#564"),
	},
	{
		.id = "ITMS-90179",
		.title = "signed with a certificate that the profile does "
			 "not list",
		.messages = TEXTS(
			"The executable '{path}' must be signed with the "
			"certificate that is contained in the provisioning profile"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The .p12 and the profile do not belong together.",
	                           "Compare the serial numbers." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Sign with the certificate that the profile lists, "
		       "or make the profile anew.",
		.command = "sealring inspect App.ipa",
		.sources = TEXTS("gh:fastlane/fastlane#7988",
	                         "gh:RichardBronosky/ota-tools#20"),
	},
	{
		.id = "ITMS-90191",
		.title = "the app lacks beta-reports-active",
		.messages = TEXTS("Your app does not include the beta-reports-active "
	                          "entitlement"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "It is signed with an ad hoc profile.",
	                           "The profile lists devices." }),
		.facts = "PA",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Sign with an App Store profile.",
		.command = "sealring profile create appstore -a BUNDLE_ID "
			   "--portal DIR -o app.mobileprovision",
		.sources = TEXTS("gh:consento-org/mobile#49"),
	},
	{
		.id = "ITMS-90205",
		.title = "bundles lie where none may be",
		.messages = TEXTS("Invalid Bundle. The bundle at '{path}' contains "
	                          "disallowed nested bundles"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "An extension or framework has a folder Frameworks "
	                           "of its own.",
	                           "The path in the message has it." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Embed frameworks in the app only; "
		       "ALWAYS_EMBED_SWIFT_STANDARD_LIBRARIES=NO in extensions.",
		.command = "sealring inspect App.ipa",
		.sources =
			TEXTS("gh:CocoaPods/CocoaPods#3905", "gh:Expensify/App#54391"),
	},
	{
		.id = "ITMS-90206",
		.title = "an extension or framework has a folder Frameworks",
		.messages = TEXTS("Invalid Bundle. The bundle at '{path}' contains "
	                          "disallowed file '{file}'"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "Frameworks, or Swift's libraries, were embedded "
	                           "in it as well as in the app.",
	                           "The path in the message has the folder." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Embed frameworks in the app only; "
		       "ALWAYS_EMBED_SWIFT_STANDARD_LIBRARIES=NO in extensions.",
		.command = "sealring inspect App.ipa",
		.sources =
			TEXTS("gh:hyperoslo/Cache#156", "gh:brave/brave-browser#17783"),
	},
	{
		.id = "ITMS-90426",
		.title = "the folder SwiftSupport was lost",
		.messages = TEXTS(
			"Invalid Swift Support - The SwiftSupport folder is "
			"missing|. Rebuild your app using the current public (GM) "
			"version of Xcode and resubmit it."),
		.names = NO_TEXTS,
		.causes = CAUSES({ "A tool that packed the .ipa again kept only "
	                           "Payload.",
	                           "The old .ipa has SwiftSupport at its top, the new "
	                           "one has not." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Keep everything that lies beside Payload.",
		.command = "sealring resign IN.ipa -o OUT.ipa --p12 "
			   "dist.p12 -P @env:PW -m app.mobileprovision",
		.sources = TEXTS("gh:zhlynn/zsign#150", "gh:defold/defold#5482"),
	},
	{
		.id = "ITMS-90685",
		.title = "two bundles of the app have one id",
		.messages = TEXTS(
			"CFBundleIdentifier Collision. There is more than one "
			"bundle with the CFBundleIdentifier value '{bundle}' under "
			"the iOS application '{app}'"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "A framework or extension has the id of another "
	                           "one.",
	                           "sealring verify names both." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Give each bundle its own id.",
		.command = "sealring verify App.ipa --all",
		.sources = TEXTS("gh:bazelbuild/rules_apple#2631"),
	},
	{
		.id = "ITMS-90721",
		.title = "the certificate was revoked after the upload",
		.messages = TEXTS("Certificate Revoked"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The build made a certificate and revoked it "
	                           "before Apple was done.",
	                           "The pipeline revokes at its end." },
	                         { "Builds side by side revoked each other's.",
	                           "They run at the same time." }),
		.facts = "D",
		.decidable = EXPLAIN_OUTSIDE,
		.fix = "Never make or revoke certificates in CI.",
		.command = "sealring cert list --all --portal DIR",
		.sources = TEXTS("gh:yurvon-screamo/origa#560"),
	},
	{
		.id = "ITMS-90885",
		.title = "TestFlight wants profile and "
			 "application-identifier, or neither",
		.messages = TEXTS(
			"Cannot be used with TestFlight because the executable "
			"\"{executable}\" in bundle \"{bundle}\" is missing a "
			"provisioning profile but has an application identifier",
			"Cannot be used with TestFlight because the signature for "
			"the bundle at \"{path}\" is missing an application "
			"identifier but has an application identifier in the "
			"provisioning profile"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "A nested app has an application-identifier and no "
	                           "profile, or a profile and no "
	                           "application-identifier.",
	                           "inspect prints both of each bundle." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Sign each app and extension with its own profile, "
		       "and helpers without entitlements.",
		.command = "sealring inspect App.ipa",
		.sources =
			TEXTS("AF:730398", "gh:sindresorhus/LaunchAtLogin-Legacy#93"),
	},
	{
		.id = "ITMS-CSID",
		.title = "the signature's identifier is not the bundle id",
		.messages =
			TEXTS("Invalid Code Signature Identifier. The identifier "
	                      "\"{identifier}\" in your code signature for \"{file}\" "
	                      "must match its Bundle Identifier \"{bundle}\""),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The id was changed after signing, or \"codesign "
	                           "-i\" named another.",
	                           "sealring verify: ent.appid-mismatch." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Sign again; the identifier then is the bundle id.",
		.command = "sealring verify App.ipa --all",
		.sources = TEXTS("gh:kishikawakatsumi/KeychainAccess#505"),
	},
	{
		.id = "ALT-22020",
		.title = "altool may not sign in",
		.messages = TEXTS(
			"code -22020|(Unable to validate your application. We are "
			"unable to create an authentication session.)",
			"We are unable to create an authentication session"),
		.names = TEXTS("-22020"),
		.causes = CAUSES({ "The Apple ID's own password was given.",
	                           "An app-specific password looks like "
	                           "\"abcd-efgh-ijkl-mnop\"." }),
		.facts = "L",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Use an API key, or an app-specific password.",
		.command = "sealring doctor build.log",
		.sources = TEXTS("CM"),
	},
};

const struct explain_family explain_itms = {
	.name = "ITMS",
	.title = "Upload and validation",
	.entries = entries,
	.count = ARRAY_LEN(entries),
};
