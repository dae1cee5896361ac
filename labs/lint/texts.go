package lint

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"podlab/content"
	"podlab/grader"
	"podlab/grader/printable"
	"podlab/labs"
)

func textFile(lang content.Lang) string { return string(lang) + ".yaml" }

// minHints is how many hints a lab gives at least: one that is gentle, one
// that is plain.
const minHints = 2

// checkTexts looks at the texts of each language, unexpanded.
func (l *lab) checkTexts() {
	for _, lang := range content.Langs() {
		text := l.Texts[lang]
		if text == nil {
			continue // labs.Load has said so
		}
		file := textFile(lang)
		l.checkFields(file, text)
		l.checkCharacters(file)
		if len(text.Hints) < minHints {
			l.add(file, []string{"hints"}, "%d hints: write at least %d, from gentle to plain", len(text.Hints), minHints)
		}
		base := l.Texts[content.English]
		if base == nil || lang == content.English {
			continue
		}
		if len(text.Hints) != len(base.Hints) {
			l.add(file, []string{"hints"}, "%d hints where en.yaml has %d: write as many", len(text.Hints), len(base.Hints))
		}
		l.compareMessages(file, text.Messages, base.Messages)
		for _, long := range []struct{ field, here, there string }{
			{"task", text.Task, base.Task},
			{"debrief", text.Debrief, base.Debrief},
		} {
			if long.here == long.there && strings.TrimSpace(long.here) != "" {
				l.add(file, []string{long.field}, "%s is the same as in en.yaml: translate it", long.field)
			}
		}
	}
}

// checkFields finds texts that are empty, or longer than their place.
func (l *lab) checkFields(file string, text *labs.Text) {
	need := func(value string, oneLine bool, path ...string) {
		name := path[len(path)-1]
		switch value = strings.TrimSpace(value); {
		case value == "":
			l.add(file, path, "%s is empty: write it", name)
		case oneLine && strings.Contains(value, "\n"):
			l.add(file, path, "%s has several lines: write one", name)
		}
	}
	need(text.Title, true, "title")
	need(text.Summary, true, "summary")
	need(text.Task, false, "task")
	need(text.Debrief, false, "debrief")
	for i, hint := range text.Hints {
		if strings.TrimSpace(hint) == "" {
			l.add(file, []string{"hints", strconv.Itoa(i)}, "hint %d is empty: write it", i+1)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(text.Checks)) {
		c := text.Checks[id]
		need(c.Title, true, "checks", id, "title")
		need(c.Expected, false, "checks", id, "expected")
		need(c.Why, false, "checks", id, "why")
	}
	for _, key := range slices.Sorted(maps.Keys(text.Messages)) {
		need(text.Messages[key], false, "messages", key)
	}
}

// checkCharacters finds what terminals show in different ways.
func (l *lab) checkCharacters(file string) {
	for n, line := range strings.Split(string(l.Raw(file)), "\n") {
		problem := func(message string) {
			l.problems = append(l.problems, labs.Problem{File: l.Path(file), Line: n + 1, Message: message})
		}
		if !norm.NFC.IsNormalString(line) {
			problem("the text is not NFC, so that terminals misplace it: save it with composed characters")
		}
		if strings.ContainsRune(line, '\t') {
			problem("a tab, which terminals show in different widths: write blanks")
		}
		if line = strings.TrimSuffix(line, "\r"); printable.Text(strings.ReplaceAll(line, "\t", "")) != strings.ReplaceAll(line, "\t", "") {
			problem("a control character or invalid UTF-8: remove it")
		}
		if i := strings.IndexFunc(line, isEmoji); i >= 0 {
			r := []rune(line[i:])[0]
			l.problems = append(l.problems, labs.Problem{File: l.Path(file), Line: n + 1,
				Message: "the emoji " + strconv.QuoteRuneToASCII(r) + " differs in width between terminals: write a word, or one of ✓ ✗ ● ○"})
		}
	}
}

// isEmoji tells emoji and what makes emoji of other characters; arrows,
// geometric shapes and the signs ✓ and ✗ are none.
func isEmoji(r rune) bool {
	switch {
	case r == '✓' || r == '✗':
		return false
	case 0x2600 <= r && r <= 0x27bf: // miscellaneous symbols, dingbats
		return true
	case 0x1f000 <= r && r <= 0x1faff:
		return true
	case 0xfe00 <= r && r <= 0xfe0f, r == 0x200d, r == 0x20e3: // variation selectors, joiner, keycap
		return true
	default:
		return strings.ContainsRune("©®‼⁉™ℹ↔↕↖↗↘↙↩↪⌚⌛⌨⏏⏩⏪⏫⏬⏭⏮⏯⏰⏱⏲⏳⏸⏹⏺Ⓜ▪▫▶◀◻◼◽◾⤴⤵⬅⬆⬇⬛⬜⭐⭕〰〽㊗㊙", r)
	}
}

// compareMessages finds messages that are not the same in every language.
func (l *lab) compareMessages(file string, here, base content.Catalog) {
	for _, key := range slices.Sorted(maps.Keys(base)) {
		text, ok := here[key]
		if !ok {
			l.add(file, []string{"messages"}, "message %q is missing, en.yaml has it: translate it", key)
			continue
		}
		if a, b := content.Placeholders(text), content.Placeholders(base[key]); !slices.Equal(a, b) {
			l.add(file, []string{"messages", key}, "message %q has the placeholders %s where en.yaml has %s: use the same", key, braced(a), braced(b))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(here)) {
		if _, ok := base[key]; !ok {
			l.add(file, []string{"messages", key}, "message %q is not in en.yaml: add it there or remove it", key)
		}
	}
}

func braced(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return "{" + strings.Join(names, "}, {") + "}"
}

// checkMessages compares what the checks say with the texts for it.
func (l *lab) checkMessages(i *labs.Instance) {
	said := i.Program.MessageKeys()
	for _, lang := range content.Langs() {
		file := textFile(lang)
		own := i.Text(lang).Messages
		all := own
		if base, err := content.LoadCatalog("grader", lang); err == nil {
			all = own.Over(base)
		}
		for _, key := range slices.Sorted(maps.Keys(said)) {
			text, ok := all[key]
			if !ok {
				l.add(labFile, l.saying(i.Spec, key), "a check says %q, for which %s has no text: add it there under messages", key, file)
				continue
			}
			for _, name := range content.Placeholders(text) {
				if !slices.Contains(said[key], name) {
					l.add(labFile, l.saying(i.Spec, key), "a check says %q without a value for {%s}, which %s shows: give it one", key, name, file)
				}
			}
		}
		for _, key := range slices.Sorted(maps.Keys(own)) {
			if _, ok := said[key]; !ok {
				l.add(file, []string{"messages", key}, "no check says the message %q: remove it", key)
			}
		}
	}
}

// saying finds the check that says a message.
func (l *lab) saying(spec grader.Spec, key string) []string {
	for n, c := range spec.Checks {
		if strings.Contains(c.Actual, "'"+key+"'") || strings.Contains(c.Actual, `"`+key+`"`) {
			return []string{"checks", strconv.Itoa(n), "actual"}
		}
	}
	return []string{"checks"}
}

// checkNames finds names that a check grades and a task does not state.
func (l *lab) checkNames(i *labs.Instance) {
	graded := make([][]string, len(i.Spec.Checks))
	others := slices.Clone(l.Images)
	for n, c := range i.Spec.Checks {
		names, err := GradedNames(i.Spec, i.Params, c)
		if err != nil {
			l.add(labFile, []string{"checks", strconv.Itoa(n), "expr"}, "%v: correct it", err)
			continue
		}
		for x, literal := range c.NotGraded {
			if !slices.Contains(names, literal) {
				l.add(labFile, []string{"checks", strconv.Itoa(n), "notGraded", strconv.Itoa(x)}, "notGraded lists %q, which check %q does not use: remove it", literal, c.ID)
			}
		}
		graded[n] = slices.DeleteFunc(names, func(name string) bool { return slices.Contains(c.NotGraded, name) })
		others = append(others, graded[n]...)
	}
	for _, lang := range content.Langs() {
		reported := map[string]bool{}
		for n, names := range graded {
			for _, name := range Unstated(i.Text(lang).Task, names, others) {
				if reported[name] {
					continue
				}
				reported[name] = true
				l.add(textFile(lang), []string{"task"}, "the task does not state %q, which check %q grades: state it, or list it under notGraded of the check", name, i.Spec.Checks[n].ID)
			}
		}
	}
}
