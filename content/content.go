// Package content holds everything that podlab says and teaches: the labs,
// the concept pages, the texts of the interface and the messages of the grader,
// in every language, as files that are embedded in the binary.
//
// The package also owns what is needed to read them: the list of languages,
// the strict YAML decoder that every podlab file goes through, and message
// catalogs. It imports no other package of podlab.
package content

import (
	"embed"
	"io/fs"
)

//go:embed all:concepts all:exams all:labs all:texts
var files embed.FS

// Labs returns the embedded labs, one folder per lab, named by its id.
func Labs() fs.FS {
	sub, err := fs.Sub(files, "labs")
	if err != nil {
		panic(err) // only an invalid path literal could cause it
	}
	return sub
}

// Exams returns the embedded blueprints of exams, one file each.
func Exams() fs.FS {
	sub, err := fs.Sub(files, "exams")
	if err != nil {
		panic(err) // only an invalid path literal could cause it
	}
	return sub
}
