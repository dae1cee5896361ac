package purity

import (
	"slices"
	"strings"
)

// Rules say what may be reached between a message and the next frame.
// Functions are written as Go prints them: "os.ReadFile",
// "(*sync.WaitGroup).Wait"; methods of interfaces and fields as
// "package/path.Type.Name". A * at the end stands for anything, a package
// path with /... at the end for all packages below it.
type Rules struct {
	// Roots are the names of the methods that bubbletea, or the root model on
	// its behalf, calls.
	Roots []string
	// Pure are the packages of others that neither wait nor reach outside of
	// the program. All others do, as far as the rules go.
	Pure []string
	// Impure are functions of Pure packages that do all the same.
	Impure []string
	// Later are the Pure packages that keep the functions they are given and
	// call them elsewhere, as bubbletea does with commands.
	Later []string
	// Gates are methods of interfaces behind which the outside lies, and Quick
	// those of them that stay inside. They are looked into like any function.
	Gates, Quick []string
	// Trusted are functions, and fields that hold functions, that are not
	// looked into.
	Trusted []string
}

func (r Rules) pure(pkg, name string) bool {
	return contains(r.Pure, pkg) && !contains(r.Impure, name)
}

// contains reports whether one of the patterns matches.
func contains(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		if base, ok := strings.CutSuffix(pattern, "/..."); ok {
			return name == base || strings.HasPrefix(name, base+"/")
		}
		if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
			return strings.HasPrefix(name, prefix)
		}
		return name == pattern
	})
}
