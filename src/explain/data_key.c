/* SPDX-License-Identifier: Apache-2.0 */
#include "explain/data_impl.h"

static const struct explain_entry entries[] = {
	{
		.id = "KEY-01",
		.title = "macOS cannot import the .p12: \"wrong password?\"",
		.messages = TEXTS("MAC verification failed during PKCS12 import (wrong "
	                          "password?)"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The password is wrong.",
	                           "sealring p12 test says so: it tries exactly this "
	                           "password." },
	                         { "The password is empty, which macOS refuses.",
	                           "It opens here without a password." },
	                         { "OpenSSL 3 wrote the file: AES-256 and "
	                           "HMAC-SHA-256, which this macOS cannot read.",
	                           "sealring p12 test names the encryption." },
	                         { "The salt of its MAC has 16 bytes, as \"step\" "
	                           "writes them.",
	                           "sealring p12 test names the salt." },
	                         { "The file has no MAC at all.",
	                           "sealring p12 test says so." }),
		.facts = "K",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Pack it again in the form that every macOS "
		       "imports (triple DES, SHA-1, a password that is not empty).",
		.command = "sealring p12 rewrap dist.p12 -P @env:PW -o "
			   "macos.p12",
		.sources = TEXTS(
			"gh:bitrise-steplib/steps-certificate-and-profile-installer#23",
			"gh:lionheart/openradar-mirror#6253",
			"gh:solar2d/demo-app-store-automation#15",
			"gh:kornelski/rust-security-framework#216",
			"https://ca.stable.confirm.ch/pkcs12.html"),
	},
	{
		.id = "KEY-02",
		.title = "the password of the .p12 does not arrive as it is",
		.messages =
			TEXTS("SecKeychainItemImport: The user name or passphrase you "
	                      "entered is not correct"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The shell took a character of the password "
	                           "(\";\", \"$\", \"&\") for itself.",
	                           "The same bytes open the file here." },
	                         { "The password is wrong.",
	                           "They do not open it here either." }),
		.facts = "KL",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Hand passwords over in the environment or in a "
		       "file, never through a shell's command line.",
		.command = "sealring p12 test dist.p12 -P @env:PW",
		.sources = TEXTS("gh:Apple-Actions/import-codesign-certs#108"),
	},
	{
		.id = "KEY-03",
		.title = "what is imported is no .p12",
		.messages = TEXTS("SecKeychainItemImport: Unknown format in import"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The secret was encoded twice, wrapped or cut, so "
	                           "that no .p12 comes out.",
	                           "The file begins with \"MII\" or is shorter than "
	                           "the original." },
	                         { "It is a PEM key or certificate that is called "
	                           ".p12; macOS guesses by the name.",
	                           "It begins with \"-----BEGIN\"." },
	                         { "It is empty.", "Its size is 0." }),
		.facts = "K",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "See what the bytes are, decode them once, or "
		       "convert them.",
		.command = "sealring inspect dist.p12",
		.sources = TEXTS("gh:ngeri/actions-ios#6", "gh:fastlane/fastlane#14136",
	                         "gh:yukiarrr/ios-build-action#80"),
	},
	{
		.id = "KEY-04",
		.title = "the decoded secret is empty",
		.messages = TEXTS(
			"SecKeychainItemImport: Unable to decode the provided data"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "\"openssl base64 -d\" without -A makes nothing of "
	                           "a secret that is one long line.",
	                           "The file has no or few bytes." }),
		.facts = "K",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Decode with \"base64 --decode\", or give openssl "
		       "-A.",
		.command = "sealring inspect dist.p12",
		.sources = TEXTS("gh:kriserickson/ai-cli#9"),
	},
	{
		.id = "KEY-05",
		.title = "the certificate file is none",
		.messages = TEXTS(
			"SecKeychainItemImport: Import/Export format unsupported"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The .cer file is empty, or something else such as "
	                           "a web page.",
	                           "sealring inspect says what it is." }),
		.facts = "C",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Fetch the certificate again, and look at it "
		       "before it is imported.",
		.command = "sealring inspect CERT.cer",
		.sources = TEXTS("gh:yukiarrr/ios-build-action#71"),
	},
	{
		.id = "KEY-06",
		.title = "the key is in the keychain already",
		.messages = TEXTS(
			"SecKeychainItemImport: The specified item already exists "
			"in the keychain"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "It was imported before; fastlane then leaves out "
	                           "the partition list, and the signing that follows "
	                           "hangs or fails.",
	                           "The key's list of partitions lacks \"apple:\"." }),
		.facts = "H",
		.decidable = EXPLAIN_OUTSIDE,
		.fix = "Set the partition list all the same: security "
		       "set-key-partition-list -S apple-tool:,apple:,codesign: -s "
		       "-k PASSWORD KEYCHAIN.",
		.command = "sealring doctor build.log",
		.noise = "It is harmless by itself: what fails is what "
			 "comes behind it.",
		.sources = TEXTS(
			"fl:fastlane_core/lib/fastlane_core/keychain_importer.rb"),
	},
	{
		.id = "KEY-07",
		.title = "codesign failed inside of macOS, for one of many "
			 "reasons",
		.messages = TEXTS("{file}: errSecInternalComponent"),
		.names = TEXTS("errSecInternalComponent"),
		.causes =
			CAUSES({ "The keychain is locked, or its key may not be "
	                         "used without a click (KEY-16, KEY-17).",
	                         "\"security unlock-keychain\" and the partition "
	                         "list mend it." },
	                       { "The issuer's certificate is missing or not "
	                         "trusted (KEY-08, KEY-10).",
	                         "The line \"unable to build chain\" stands near it." },
	                       { "It runs over SSH or as a daemon, without a user's "
	                         "session.",
	                         "It works in Terminal at the screen." }),
		.facts = "H",
		.decidable = EXPLAIN_PARTLY,
		.fix = "Try in Apple's order: in Terminal at the screen; "
		       "then the trust settings; then the rights of the key; then "
		       "SSH.",
		.command = "sealring doctor build.log",
		.sources = TEXTS("AF:712005", "gh:fastlane/fastlane#15185"),
	},
	{
		.id = "KEY-08",
		.title = "the issuer's certificate is missing",
		.messages =
			TEXTS("Warning: unable to build chain to self-signed root for "
	                      "signer \"{certificate}\""),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The intermediate certificate (Apple's WWDR of the "
	                           "right generation) is in no keychain that is "
	                           "searched.",
	                           "The certificate's issuer names the generation: "
	                           "OU=G3, G4 ..." },
	                         { "The .p12 has the leaf only.",
	                           "sealring p12 test lists what is inside." }),
		.facts = "CKH",
		.decidable = EXPLAIN_PARTLY,
		.fix = "Pack the chain into the .p12, or import the "
		       "intermediate of this generation. That \"security "
		       "find-identity -v\" calls the identity valid proves "
		       "nothing.",
		.command = "sealring p12 make -k KEY -c CERT -P @env:PW "
			   "-o dist.p12",
		.sources = TEXTS("gh:yukiarrr/ios-build-action#84",
	                         "gh:samoylenkodmitry/Cranpose#465",
	                         "gh:electron-userland/electron-builder#5684",
	                         "gh:jul-sh/clipkitty#56"),
	},
	{
		.id = "KEY-09",
		.title = "the identity's certificate has expired",
		.messages = TEXTS("error: The specified item could not be found in the "
	                          "keychain",
	                          "CSSMERR_TP_CERT_EXPIRED"),
		.names = TEXTS("CSSMERR_TP_CERT_EXPIRED"),
		.causes = CAUSES({ "The certificate has expired.",
	                           "sealring inspect shows the date." }),
		.facts = "C",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Have a new certificate made, then every profile "
		       "that listed the old one.",
		.command = "sealring inspect CERT.cer",
		.sources = TEXTS(
			"https://developer.apple.com/forums/topics/code-signing-topic?page=3&sortBy=replies&sortOrder=DESC"),
	},
	{
		.id = "KEY-10",
		.title = "the certificate is not trusted on this Mac",
		.messages = TEXTS("CSSMERR_TP_NOT_TRUSTED"),
		.names = TEXTS("CSSMERR_TP_NOT_TRUSTED"),
		.causes = CAUSES({ "Somebody set it to \"Always Trust\" by hand, "
	                           "which breaks it for codesign.",
	                           "Keychain Access shows a trust setting." },
	                         { "The issuer's certificate is missing.",
	                           "See KEY-08." }),
		.facts = "H",
		.decidable = EXPLAIN_OUTSIDE,
		.fix = "Set the trust back to \"Use System Defaults\", "
		       "and import the issuer's certificate.",
		.command = "sealring inspect CERT.cer",
		.sources = TEXTS("gh:electron-userland/electron-builder#5684",
	                         "gh:DanTheMan827/ios-app-signer#114"),
	},
	{
		.id = "KEY-11",
		.title = "a revoked certificate of the same name is chosen",
		.messages = TEXTS("CSSMERR_TP_CERT_REVOKED"),
		.names = TEXTS("CSSMERR_TP_CERT_REVOKED"),
		.causes = CAUSES({ "Revoked and current certificates have one name, "
	                           "and the tool takes the first.",
	                           "\"security find-identity\" lists the name more "
	                           "than once." }),
		.facts = "HD",
		.decidable = EXPLAIN_OUTSIDE,
		.fix = "Choose the identity by its SHA-1, not by its "
		       "name, and delete the revoked one from the keychain.",
		.command = "sealring inspect CERT.cer",
		.sources = TEXTS("gh:robovm/robovm#369"),
	},
	{
		.id = "KEY-12",
		.title = "no identity is found",
		.messages = TEXTS("0 valid identities found",
	                          "There are no local code signing identities found"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "Only the certificate was installed, without its "
	                           "private key.",
	                           "No key fits: sealring cert match." },
	                         { "The .p12 is in a keychain that is not on the "
	                           "search list.",
	                           "\"security list-keychains\" lacks it." },
	                         { "The issuer's certificate is missing.",
	                           "See KEY-08." }),
		.facts = "CKH",
		.decidable = EXPLAIN_PARTLY,
		.fix = "Import the .p12, not the .cer, and add its "
		       "keychain to the search list.",
		.command = "sealring cert match CERT.cer KEY",
		.sources = TEXTS("fl:fastlane_core/lib/fastlane_core/cert_checker.rb",
	                         "gh:fastlane/fastlane#15824",
	                         "gh:fastlane/fastlane#14379"),
	},
	{
		.id = "KEY-13",
		.title = "codesign knows no identity of this name",
		.messages = TEXTS("{identity}: no identity found"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The name is not the certificate's, or its private "
	                           "key is missing.",
	                           "\"security find-identity -p codesigning\" does "
	                           "not list it." },
	                         { "Its keychain is not on the search list.",
	                           "\"security list-keychains\" lacks it." },
	                         { "Apple's intermediate certificate is missing on "
	                           "the build machine.",
	                           "The certificate's issuer is in no keychain." }),
		.facts = "CKH",
		.decidable = EXPLAIN_PARTLY,
		.fix = "As for KEY-12: import the .p12 with its chain and "
		       "add the keychain to the search list.",
		.command = "sealring cert match CERT.cer KEY",
		.sources = TEXTS("CSU", "gh:jul-sh/clipkitty#47"),
	},
	{
		.id = "KEY-14",
		.title = "the name fits more than one certificate",
		.messages =
			TEXTS("{identity}: ambiguous (matches \"{certificate}\" and "
	                      "\"{other}\" in {keychain})"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "An old and a new certificate, or the same one in "
	                           "two keychains, contain the name.",
	                           "\"security find-identity\" lists both." }),
		.facts = "CH",
		.decidable = EXPLAIN_PARTLY,
		.fix = "Name the identity by its SHA-1 of 40 digits.",
		.command = "sealring inspect CERT.cer",
		.sources = TEXTS("CSU"),
	},
	{
		.id = "KEY-15",
		.title = "the certificate is not for signing code",
		.messages = TEXTS(
			"{identity}: this identity cannot be used for signing code",
			"code signing identity {identity} has been manually "
			"specified"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "It is of another kind: push, pass type, installer.",
	                           "sealring inspect names the kind; its extended key "
	                           "usage lacks code signing." }),
		.facts = "C",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Choose an Apple Development or Apple Distribution "
		       "certificate.",
		.command = "sealring inspect CERT.cer",
		.sources = TEXTS("CSU", "CM"),
	},
	{
		.id = "KEY-16",
		.title = "macOS wanted to ask somebody, and nobody was there",
		.messages = TEXTS("User interaction is not allowed.| Command "
	                          "/usr/bin/codesign failed with exit code 1"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The keychain is locked.",
	                           "\"security show-keychain-info\" says so." },
	                         { "The key's rights want a click.",
	                           "Its partition list lacks \"apple:\" (KEY-17)." }),
		.facts = "H",
		.decidable = EXPLAIN_OUTSIDE,
		.fix = "Unlock the keychain, switch its automatic lock "
		       "off, and set the partition list.",
		.command = "sealring doctor build.log",
		.sources = TEXTS("fldocs:codesigning/common-issues"),
	},
	{
		.id = "KEY-17",
		.title = "codesign waits for a click that never comes",
		.messages =
			TEXTS("codesign wants to access key \"{key}\" in your keychain",
	                      "{program} wants to sign using key \"{key}\" in your "
	                      "keychain"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "Since macOS 10.12 \"-T codesign\" is not enough: "
	                           "the key's partition list has to name \"apple:\".",
	                           "\"security dump-keychain -a\" shows the "
	                           "partitions." }),
		.facts = "H",
		.decidable = EXPLAIN_OUTSIDE,
		.fix = "In a keychain of its own: security "
		       "set-key-partition-list -S apple-tool:,apple:,codesign: -s "
		       "-k PASSWORD KEYCHAIN.",
		.command = "sealring doctor build.log",
		.sources = TEXTS("gh:lionheart/openradar-mirror#15986",
	                         "gh:mitchellh/gon#39", "gh:SorcRR/MacRazer#8"),
	},
	{
		.id = "KEY-18",
		.title = "the keychain's password is wrong",
		.messages =
			TEXTS("SecKeychainItemSetAccessWithPassword: The user name or "
	                      "passphrase you entered is not correct"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The keychain's own password was not given; that "
	                           "of the .p12 is another one.",
	                           "\"security unlock-keychain -p PASSWORD KEYCHAIN\" "
	                           "fails too." }),
		.facts = "H",
		.decidable = EXPLAIN_OUTSIDE,
		.fix = "Give the password of the keychain. In CI, make a "
		       "keychain with a password of your own.",
		.command = "sealring doctor build.log",
		.sources = TEXTS("gh:Apple-Actions/import-codesign-certs#14"),
	},
	{
		.id = "KEY-19",
		.title = "set-key-partition-list lacks an option",
		.messages = TEXTS(
			"SecKeychainItemCopyAccess: A missing value was detected"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "\"-s\" is missing, which macOS 10.15 and later "
	                           "want.",
	                           "The command in the log has no -s." }),
		.facts = "L",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Add -s: security set-key-partition-list -S "
		       "apple-tool:,apple:,codesign: -s -k PASSWORD KEYCHAIN.",
		.command = "sealring doctor build.log",
		.sources = TEXTS(
			"fl:fastlane_core/lib/fastlane_core/keychain_importer.rb"),
	},
	{
		.id = "KEY-20",
		.title = "the keychain does not have it (yet)",
		.messages =
			TEXTS("SecKeychainSearchCopyNext: The specified item could not "
	                      "be found in the keychain"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "It was looked for before it was imported: noise.",
	                           "It does not come again behind the import." },
	                         { "The import failed, or went to another keychain.",
	                           "It comes again behind the import." }),
		.facts = "L",
		.decidable = EXPLAIN_PARTLY,
		.fix = "Look whether it comes again behind the import. If "
		       "so, go on with KEY-12.",
		.command = "sealring doctor build.log",
		.noise = "In a new keychain it comes before the import "
			 "and means nothing.",
		.sources = TEXTS("gh:fastlane/fastlane#13842",
	                         "gh:fastlane/fastlane#14379"),
	},
	{
		.id = "KEY-21",
		.title = "the keychain that is deleted is not there",
		.messages =
			TEXTS("SecKeychainDelete: The specified keychain could not be "
	                      "found"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "A clean-up wanted to delete a keychain that was "
	                           "never made.",
	                           "The real failure is in a line near it." }),
		.facts = "L",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Read the lines around it.",
		.command = "sealring doctor build.log",
		.noise = "It is the clean-up, not the failure.",
		.sources = TEXTS("gh:solar2d/demo-app-store-automation#15"),
	},
	{
		.id = "KEY-22",
		.title = "zsign does not know the issuer",
		.messages =
			TEXTS(">>> Unknown issuer hash {hash}! No embedded WWDR "
	                      "intermediate matches| and the p12 carries no usable CA "
	                      "chain."),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The certificate was issued by a generation of "
	                           "Apple's intermediate that this zsign does not "
	                           "have.",
	                           "Its issuer's OU is G3, G4 ... ; zsign then writes "
	                           "a signature without a message, says \"Signed "
	                           "OK!\", and no device takes it." }),
		.facts = "C",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Sign with a tool that has all generations, or "
		       "that takes the chain from the .p12.",
		.command = "sealring sign IN.ipa -o OUT.ipa --p12 "
			   "dist.p12 -P @env:PW -m app.mobileprovision",
		.sources = TEXTS("zsign:src/openssl.cpp", "gh:zhlynn/zsign#399"),
	},
	{
		.id = "KEY-23",
		.title = "the key fits no certificate of the profile (zsign)",
		.messages = TEXTS(">>> Can't find paired certificate and private key!"),
		.names = NO_TEXTS,
		.causes = CAUSES({ "The .p12 belongs to another certificate than "
	                           "those that the profile lists.",
	                           "Compare the serial numbers that inspect prints of "
	                           "both." }),
		.facts = "KP",
		.decidable = EXPLAIN_FROM_FILES,
		.fix = "Take the .p12 whose certificate the profile "
		       "lists, or make the profile anew with this certificate.",
		.command = "sealring inspect dist.p12 app.mobileprovision "
			   "-P @env:PW",
		.sources = TEXTS("zsign:src/openssl.cpp"),
	},
};

const struct explain_family explain_key = {
	.name = "KEY",
	.title = "Keys, .p12 files and keychains",
	.entries = entries,
	.count = ARRAY_LEN(entries),
};
