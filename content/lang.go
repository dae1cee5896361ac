package content

import (
	"fmt"
	"strings"
)

// Lang is a language that podlab speaks, as its lower-case BCP 47 primary tag.
type Lang string

// The languages of podlab. English is the base that the others are merged
// over; zh is Simplified Chinese.
const (
	English Lang = "en"
	German  Lang = "de"
	Chinese Lang = "zh"
	Korean  Lang = "ko"
)

// Langs returns all languages in the order in which they are offered.
func Langs() []Lang { return []Lang{English, German, Chinese, Korean} }

// Name returns the language's own name, as a speaker would look for it.
func (l Lang) Name() string {
	switch l {
	case German:
		return "Deutsch"
	case Chinese:
		return "简体中文"
	case Korean:
		return "한국어"
	default:
		return "English"
	}
}

// Next returns the language after l in the order of Langs, and the first
// after the last.
func (l Lang) Next() Lang {
	all := Langs()
	for i, other := range all {
		if other == l {
			return all[(i+1)%len(all)]
		}
	}
	return English
}

// ParseLang reads a language tag or a POSIX locale name ("de", "de-AT",
// "zh_CN.UTF-8"). The error of a language that podlab does not speak is an
// UnknownLangError.
func ParseLang(s string) (Lang, error) {
	tag := strings.ToLower(strings.TrimSpace(s))
	if i := strings.IndexAny(tag, "_-.@"); i >= 0 {
		tag = tag[:i]
	}
	for _, l := range Langs() {
		if string(l) == tag {
			return l, nil
		}
	}
	return "", &UnknownLangError{Lang: s}
}

// UnknownLangError says that podlab does not speak a language.
type UnknownLangError struct {
	// Source is the flag or the variable that asks for it; empty where it is
	// not known.
	Source string
	Lang   string
}

func (e *UnknownLangError) Error() string {
	message := fmt.Sprintf("language %q is not available: use one of en, de, zh, ko", e.Lang)
	if e.Source != "" {
		message = e.Source + ": " + message
	}
	return message
}

// DetectLang finds the language to use: the --lang flag, else $PODLAB_LANG,
// else the saved setting, else the locale (LC_ALL, LC_MESSAGES, LANG), else
// English. A flag or $PODLAB_LANG that names an unknown language is an error;
// an unknown locale is not.
func DetectLang(flag, setting string, getenv func(string) string) (Lang, error) {
	for _, explicit := range []struct{ source, value string }{
		{"--lang", flag},
		{"PODLAB_LANG", getenv("PODLAB_LANG")},
	} {
		if explicit.value == "" {
			continue
		}
		l, err := ParseLang(explicit.value)
		if err != nil {
			return "", &UnknownLangError{Source: explicit.source, Lang: explicit.value}
		}
		return l, nil
	}
	if l, err := ParseLang(setting); err == nil {
		return l, nil
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		value := getenv(name)
		if value == "" {
			continue
		}
		if l, err := ParseLang(value); err == nil {
			return l, nil
		}
		return English, nil // the first locale variable that is set decides
	}
	return English, nil
}
