/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/data_impl.h"

static const struct explain_entry entries[] = {
	{
		.id = "0xe8008003",
		.title = "the profile cannot be read",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes = CAUSES(
			{ "The file was cut, edited or converted.",
	                  "sealring inspect says where it stops making sense." }),
		.facts = "P",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Fetch the profile again and sign with it.",
		.command = "sealring inspect app.mobileprovision",
		.sources = TEXTS("IDE"),
	},
	{
		.id = "0xe8008004",
		.title = "the profile's own signature is not valid",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes = CAUSES({ "The profile was edited, which nobody but Apple "
	                           "may.",
	                           "sealring verify: profile.bad-signature." },
	                         { "It was not made by Apple: it is from a test "
	                           "portal.",
	                           "sealring verify: profile.untrusted." }),
		.facts = "P",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Fetch the profile again; never edit one.",
		.command = "sealring inspect app.mobileprovision",
		.sources = TEXTS("IDE"),
	},
	{
		.id = "0xe8008009",
		.title = "the signature is not valid",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes = CAUSES({ "The code was signed ad hoc.",
	                           "sealring verify: sig.adhoc." },
	                         { "The code was changed after signing.",
	                           "sealring verify: code.page-hash, "
	                           "cms.bad-signature." },
	                         { "The signature is damaged.",
	                           "sealring verify: sig.malformed." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Sign again with an identity and a profile, as the "
		       "last step.",
		.command = "sealring verify App.ipa --device UDID",
		.sources = TEXTS("IDE"),
	},
	{
		.id = "0xe800800f",
		.title = "the signature is not the expected one",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes = CAUSES({ "The app was changed or signed again while it was "
	                           "installed.",
	                           "Its hash is not the one that was announced." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Sign again and install that.",
		.command = "sealring verify App.ipa --device UDID",
		.sources = TEXTS("IDE"),
	},
	{
		.id = "0xe8008010",
		.title = "the profile is of a kind that this device does "
			 "not know",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes = CAUSES({ "The profile is for another platform or of a newer "
	                           "version.",
	                           "inspect prints Platform." }),
		.facts = "P",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Use a profile of the right platform.",
		.command = "sealring inspect app.mobileprovision",
		.sources = TEXTS("IDE"),
	},
	{
		.id = "0xe8008011",
		.title = "the profile has expired",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes = CAUSES({ "Its date has passed.", "inspect prints it." },
	                         { "The clock of the device is wrong.",
	                           "The date is still to come." }),
		.facts = "PV",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Make the profile anew and sign again.",
		.command = "sealring profile renew NAME --portal DIR -o "
			   "app.mobileprovision",
		.sources = TEXTS("IDE"),
	},
	{
		.id = "0xe8008012",
		.title = "the device is not in the profile",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes = CAUSES({ "The device's UDID is not among the profile's "
	                           "devices.",
	                           "sealring verify --device says so." },
	                         { "It was registered after the profile was made.",
	                           "The portal lists it." },
	                         { "It is a profile for the App Store, which no "
	                           "device takes directly.",
	                           "It has no devices at all." }),
		.facts = "PV",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Register the device, make the profile anew, sign "
		       "again.",
		.command = "sealring verify App.ipa --device UDID",
		.sources = TEXTS("IDE"),
	},
	{
		.id = "0xe8008015",
		.title = "no profile fits certificate, app id, device and "
			 "date",
		.messages =
			TEXTS("Signer did not match any installed provisioning profile",
	                      "Local Profile \"{profile}\" has non-matching "
	                      "application-identifier"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The profile does not list the certificate that "
	                           "signed.",
	                           "Compare the serial numbers." },
	                         { "The profile is for another app id.",
	                           "Compare it with the bundle's." },
	                         { "The device is not in it, or it has expired.",
	                           "sealring verify --device says which." },
	                         { "A framework or extension inside is signed by "
	                           "somebody else.",
	                           "sealring verify names the bundle." }),
		.facts = "APV",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Sign everything in the app with one identity, and "
		       "with profiles that list it.",
		.command = "sealring verify App.ipa --device UDID",
		.sources = TEXTS("IDE", "gh:sauce-archives/isign#15",
	                         "gh:nowsecure/node-applesign#128",
	                         "gh:airsdk/Adobe-Runtime-Support#1602"),
	},
	{
		.id = "0xe8008016",
		.title = "the app claims what the profile does not allow",
		.messages = TEXTS(
			"The entitlements specified in your application's Code "
			"Signing Entitlements file are invalid, not permitted, or "
			"do not match those specified in your provisioning profile",
			"entitlement \"{key}\" has value not permitted by "
			"provisioning profile \"{profile}\""),
		.names = NO_TEXTS,
		.causes = CAUSES({ "An entitlement is not in the profile, or has "
	                           "another value there.",
	                           "sealring verify names key and values." },
	                         { "After signing again the app id is still the old "
	                           "one.",
	                           "application-identifier is another team's." }),
		.facts = "AP",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Sign with entitlements that the profile allows, "
		       "or make the profile anew with the capability.",
		.command = "sealring verify App.ipa --device UDID",
		.sources =
			TEXTS("IDE", "gh:DanTheMan827/ios-app-signer#71",
	                      "gh:alibaba/tidevice#138", "gh:SignTools/SignTools-CI#8"),
	},
	{
		.id = "0xe8008017",
		.title = "a sealed file was changed, added or removed",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes = CAUSES({ "Something touched the app after signing.",
	                           "sealring verify names the file." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Put the file back, or sign again.",
		.command = "sealring verify App.ipa --all",
		.sources = TEXTS("IDE"),
	},
	{
		.id = "0xe8008018",
		.title = "the certificate that signed has expired or is "
			 "revoked",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes =
			CAUSES({ "It has expired.", "inspect prints the date." },
	                       { "It is revoked; of free accounts another tool may "
	                         "have taken the only certificate.",
	                         "sealring verify --crl, or Apple's OCSP, says so." }),
		.facts = "CD",
		.decidable = EXPLAIN_PARTLY,
		.fix = "Have a new certificate and profile made, and sign "
		       "again.",
		.command = "sealring inspect App.ipa",
		.sources =
			TEXTS("IDE", "gh:nab138/iloader#299", "gh:nab138/iloader#431"),
	},
	{
		.id = "0xe800801c",
		.title = "the code is not signed",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes = CAUSES({ "The app, or a piece of code in it, has no "
	                           "signature.",
	                           "sealring verify names it." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Sign the app.",
		.command = "sealring sign IN.ipa -o OUT.ipa --p12 "
			   "dist.p12 -P @env:PW -m app.mobileprovision",
		.sources = TEXTS("IDE"),
	},
	{
		.id = "0xe800801d",
		.title = "the device refuses it by a rule of its own",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes = CAUSES({ "The app or its signer is on a deny list of the "
	                           "device.",
	                           "Another app by the same signer is refused too." }),
		.facts = "V",
		.decidable = EXPLAIN_OUTSIDE,
		.fix = "Sign with another identity; ask who manages the "
		       "device.",
		.command = "sealring inspect App.ipa",
		.sources = TEXTS("IDE"),
	},
	{
		.id = "0xe800801e",
		.title = "the profile is no longer on the device",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes = CAUSES({ "Somebody removed it in the settings.",
	                           "Settings, VPN & Device Management, does not list "
	                           "it." }),
		.facts = "V",
		.decidable = EXPLAIN_OUTSIDE,
		.fix = "Install the app again.",
		.command = "sealring inspect App.ipa",
		.sources = TEXTS("IDE"),
	},
	{
		.id = "0xe8008021",
		.title = "three apps of free accounts are on the device",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes =
			CAUSES({ "A free account may have three apps on a device.",
	                         "inspect says that the profile is of a free team." }),
		.facts = "VP",
		.decidable = EXPLAIN_PARTLY,
		.fix = "Delete one of them from the device, or use a paid "
		       "account.",
		.command = "sealring inspect App.ipa",
		.sources = TEXTS("IDE", "gh:ionic-team/native-run#210"),
	},
	{
		.id = "0xe8008024",
		.title = "the profile is banned",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes = CAUSES({ "Apple or the company revoked it.",
	                           "Nothing in the file tells." }),
		.facts = "D",
		.decidable = EXPLAIN_OUTSIDE,
		.fix = "Have a new profile made, and sign again.",
		.command = "sealring inspect app.mobileprovision",
		.sources = TEXTS("IDE"),
	},
	{
		.id = "0xe8008025",
		.title = "the user has not trusted the developer",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes = CAUSES(
			{ "It is an in-house app, or one of a free account: "
	                  "the user has to trust it once.",
	                  "The profile is for all devices, or of a free team." }),
		.facts = "P",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "On the device: Settings, General, VPN & Device "
		       "Management, then Trust.",
		.command = "sealring verify App.ipa --device UDID "
			   "--not-trusted",
		.sources = TEXTS("IDE"),
	},
	{
		.id = "0xe8008026",
		.title = "the device has to ask Apple first",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes = CAUSES({ "The device has not reached Apple since the app "
	                           "was installed; likely ppq.apple.com is blocked.",
	                           "Another network lets it start." }),
		.facts = "V",
		.decidable = EXPLAIN_OUTSIDE,
		.fix = "Connect the device to the internet and start the "
		       "app once.",
		.command = "sealring inspect App.ipa",
		.sources = TEXTS("IDE"),
	},
	{
		.id = "0xe8008027",
		.title = "ad hoc code on an ordinary device",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes = CAUSES({ "The code was signed without an identity.",
	                           "sealring verify: sig.adhoc." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Sign with an identity and a profile.",
		.command = "sealring sign IN.ipa -o OUT.ipa --p12 "
			   "dist.p12 -P @env:PW -m app.mobileprovision",
		.sources = TEXTS("IDE"),
	},
	{
		.id = "0xe8008029",
		.title = "the signature is of a form that iOS 15 and later "
			 "refuse",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes = CAUSES({ "The entitlements are not in the signature in "
	                           "their DER form (slot -7).",
	                           "sealring verify: sig.version-old." },
	                         { "The code directory is too old a version.",
	                           "sealring verify: sig.version-old." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Sign again with a tool that writes slot -7.",
		.command = "sealring sign IN.ipa -o OUT.ipa --p12 "
			   "dist.p12 -P @env:PW -m app.mobileprovision",
		.sources = TEXTS("gh:fastlane/fastlane#19688",
	                         "gh:fastlane/fastlane#19423", "gh:zhlynn/zsign#148",
	                         "gh:microsoft/appcenter#2286"),
	},
	{
		.id = "0xe80000be",
		.title = "the app on the device is another team's",
		.messages = TEXTS("MismatchedApplicationIdentifierEntitlement"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The copy on the device was signed with another "
	                           "prefix.",
	                           "Compare the application-identifier of the two." }),
		.facts = "AV",
		.decidable = EXPLAIN_PARTLY,
		.fix = "Sign with the old team's profile. Or remove the "
		       "old app first: its data is lost then.",
		.command = "sealring inspect App.ipa --only what",
		.sources = TEXTS("IDE", "gh:appium/appium-xcuitest-driver#2050"),
	},
	{
		.id = "0xe80000c5",
		.title = "the signed identifier is not the bundle id",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes = CAUSES({ "The bundle id was changed after signing.",
	                           "sealring verify: ent.appid-mismatch." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Sign again.",
		.command = "sealring verify App.ipa --device UDID",
		.sources = TEXTS("IDE", "gh:Provenance-Emu/Provenance#943"),
	},
	{
		.id = "0xe800009e",
		.title = "an extension has a bundle id that it may not have",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes = CAUSES({ "The app was renamed without its extensions.",
	                           "The extension's id does not begin with the app's "
	                           "and a dot." },
	                         { "There is another dot behind the prefix.",
	                           "Its id has more than one part more." },
	                         { "Two bundles have one id.",
	                           "sealring verify: bundle.duplicate-id." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Rename app and extensions together.",
		.command = "sealring resign IN.ipa -o OUT.ipa -b NEW.ID "
			   "--p12 dist.p12 -m app.mobileprovision",
		.sources = TEXTS("IDE"),
	},
	{
		.id = "0xe8000087",
		.title = "the app was not built for this device",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes = CAUSES({ "It is a build for the simulator or for another "
	                           "processor.",
	                           "inspect lists the architectures." },
	                         { "It was thinned for another model.",
	                           "Its Info.plist has UISupportedDevices." },
	                         { "The device's system is older than "
	                           "MinimumOSVersion.",
	                           "inspect prints it." }),
		.facts = "AV",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Install the variant for this device, or the "
		       "universal one.",
		.command = "sealring verify App.ipa --device UDID=MODEL@OS",
		.sources = TEXTS("IDE"),
	},
	{
		.id = "MI-63",
		.title = "the app was signed without entitlements",
		.messages = NO_TEXTS,
		.names = NO_TEXTS,
		.causes = CAUSES({ "The signer left the entitlements out.",
	                           "inspect prints no application-identifier." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Sign with the entitlements of the profile.",
		.command = "sealring sign IN.ipa -o OUT.ipa --p12 "
			   "dist.p12 -P @env:PW -m app.mobileprovision",
		.sources = TEXTS("gh:Lessica/Reveil#5", "gh:maciekish/iReSign#43"),
	},
	{
		.id = "OTA-1",
		.title = "the phone says that the app's integrity could not "
			 "be verified",
		.messages = TEXTS(
			"This app cannot be installed because its integrity could "
			"not be verified",
			"Unable to Install|: This app cannot be installed because "
			"its integrity could not be verified"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "No profile fits (0xe8008015).",
	                           "sealring verify --device says so." },
	                         { "The app claims too much (0xe8008016).",
	                           "sealring verify names the entitlement." },
	                         { "The certificate is revoked or has expired "
	                           "(0xe8008018).",
	                           "inspect prints the date." },
	                         { "The signature is of an old form (0xe8008029).",
	                           "sealring verify: sig.version-old." },
	                         { "The device is not in the profile (0xe8008012).",
	                           "sealring verify --device says so." }),
		.facts = "APCV",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Let the verifier say which of the five it is: it "
		       "names the number that the device would log.",
		.command = "sealring verify App.ipa --device UDID",
		.sources = TEXTS("gh:SignTools/SignTools#13",
	                         "gh:getappbox/AppBox-iOSAppsWirelessInstallation#267"),
	},
	{
		.id = "OTA-2",
		.title = "the install button does nothing",
		.messages = NO_TEXTS,
		.names = TEXTS("itms-services", "install button does nothing",
	                       "manifest.plist"),
		.causes = CAUSES({ "The manifest is not served over HTTPS that the "
	                           "device trusts.",
	                           "Open its address in Safari on the device." },
	                         { "Bundle id or version in the manifest are not the "
	                           "app's.",
	                           "Compare them with inspect." }),
		.facts = "A",
		.decidable = EXPLAIN_PARTLY,
		.fix = "Serve manifest and .ipa over HTTPS with a public "
		       "certificate, and put the app's own id and version into "
		       "the manifest.",
		.command = "sealring inspect App.ipa --short",
		.sources = TEXTS("gh:SignTools/SignTools#13"),
	},
	{
		.id = "DEV-UPG",
		.title = "signed again, the app appears twice or loses its "
			 "data",
		.messages = NO_TEXTS,
		.names = TEXTS("installs twice", "app appears twice", "loses data"),
		.causes = CAUSES({ "The bundle id changed: it is another app now.",
	                           "Compare it with the old .ipa." },
	                         { "The prefix changed: data of keychain and groups "
	                           "is out of reach.",
	                           "Compare the application-identifier." }),
		.facts = "A",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Keep the bundle id and the prefix of the app that "
		       "is on the device.",
		.command = "sealring inspect Old.ipa New.ipa --only what",
		.sources = TEXTS("gh:eni9889/YT-PP-Issues#138"),
	},
};

const struct explain_family explain_device = {
	.name = "DEV",
	.title = "Installing on a device",
	.entries = entries,
	.count = ARRAY_LEN(entries),
};
