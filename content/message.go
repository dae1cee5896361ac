package content

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

// Message is something to say to a person, kept apart from the language it
// will be said in: the key of a text in a Catalog and the values for the
// text's {placeholders}. A message that was made once can be shown in every
// language, so that switching the language needs no new grading.
type Message struct {
	Key  string            `json:"key"`
	Args map[string]string `json:"args,omitempty"`
}

// Say builds a Message from a key and alternating names and values.
func Say(key string, namesAndValues ...string) Message {
	if len(namesAndValues)%2 != 0 {
		panic("content.Say: a name without a value for " + key)
	}
	m := Message{Key: key}
	for i := 0; i < len(namesAndValues); i += 2 {
		if m.Args == nil {
			m.Args = make(map[string]string, len(namesAndValues)/2)
		}
		m.Args[namesAndValues[i]] = namesAndValues[i+1]
	}
	return m
}

// Catalog holds the texts of one language by message key.
type Catalog map[string]string

// Render says m in the catalog's language. A key that the catalog lacks is
// shown as it is, with its values, so that nothing is lost.
func (c Catalog) Render(m Message) string {
	text, ok := c[m.Key]
	if !ok {
		text = m.Key
		for _, name := range slices.Sorted(maps.Keys(m.Args)) {
			text += " " + name + "=" + m.Args[name]
		}
		return text
	}
	return expand(text, m.Args)
}

// Over returns a catalog that has c's texts, and base's where c has none.
func (c Catalog) Over(base Catalog) Catalog {
	merged := maps.Clone(base)
	if merged == nil {
		merged = make(Catalog, len(c))
	}
	maps.Copy(merged, c)
	return merged
}

// expand replaces {name} by its value. Braces that enclose no known name stay.
func expand(text string, args map[string]string) string {
	if len(args) == 0 || !strings.Contains(text, "{") {
		return text
	}
	pairs := make([]string, 0, 2*len(args))
	for name, value := range args {
		pairs = append(pairs, "{"+name+"}", value)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Fill replaces each {name} in text by its value, given as alternating names and
// values.
func Fill(text string, namesAndValues ...string) string {
	pairs := make([]string, len(namesAndValues))
	for i, s := range namesAndValues {
		if i%2 == 0 {
			s = "{" + s + "}"
		}
		pairs[i] = s
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Placeholders returns the sorted names of the {placeholders} in text.
func Placeholders(text string) []string {
	var names []string
	for {
		open := strings.IndexByte(text, '{')
		if open < 0 {
			break
		}
		text = text[open+1:]
		end := strings.IndexByte(text, '}')
		if end < 0 {
			break
		}
		if name := text[:end]; isPlaceholder(name) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func isPlaceholder(name string) bool {
	if name == "" {
		return false
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') {
			return false
		}
	}
	return true
}

// LoadCatalog reads the messages of one section (texts/<section>.<lang>.yaml,
// a flat map of key to text), with English where the language lacks a key.
func LoadCatalog(section string, lang Lang) (Catalog, error) {
	base := Catalog{}
	if err := loadSection(section, English, &base); err != nil {
		return nil, err
	}
	if lang == English {
		return base, nil
	}
	own := Catalog{}
	if err := loadSection(section, lang, &own); err != nil {
		return nil, err
	}
	return own.Over(base), nil
}

// LoadTexts fills the struct that dst points to with the texts of one section
// (texts/<section>.<lang>.yaml): first the English ones, then those of lang
// over them. A key that the struct does not know is an error.
func LoadTexts(section string, lang Lang, dst any) error {
	if err := loadSection(section, English, dst); err != nil {
		return err
	}
	if lang == English {
		return nil
	}
	return loadSection(section, lang, dst)
}

func loadSection(section string, lang Lang, dst any) error {
	name := fmt.Sprintf("texts/%s.%s.yaml", section, lang)
	err := DecodeFile(files, name, dst)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("no texts %q in language %q: add content/%s: %w", section, lang, name, err)
	}
	return err
}
