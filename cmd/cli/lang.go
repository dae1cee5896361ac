package cli

import "strings"

// langArg finds the value of --lang in arguments that are not parsed yet: the
// help is in that language, and the parser needs the help. What follows
// kubectl is not podlab's.
func langArg(args []string) string {
	lang := ""
	for i, arg := range args {
		if arg == "--" || arg == "kubectl" {
			break
		}
		if value, ok := strings.CutPrefix(arg, "--lang="); ok {
			lang = value
		}
		if arg == "--lang" && i+1 < len(args) {
			lang = args[i+1]
		}
	}
	return lang
}
