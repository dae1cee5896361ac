package bundle

import (
	"context"
	"errors"
	"slices"
	"strings"

	"podlab/cluster"
)

// StepExamine is the step of examining, for those who show it as one.
const StepExamine cluster.StepID = "bundle-examine"

// Finding is what Examine found wrong.
type Finding struct {
	// Platform that it concerns: linux/amd64.
	Platform string
	// Blocks is false of what is odd but does no harm.
	Blocks bool
	// Problem and its remedy.
	Problem *cluster.Error
}

// Examine unpacks all archives and returns what is wrong with them: sums,
// references, platforms, IDs and layers that are not as described, and images
// among labs that the bundle lacks or nobody needs. labs are the references
// that the labs declare. progress, if not nil, is told of compressed bytes
// read of all. The error is the cause that ended ctx.
func (b *Bundle) Examine(ctx context.Context, labs []string, progress func(done, total int64)) ([]Finding, error) {
	var findings []Finding
	var before, total int64
	for _, a := range b.archives() {
		total += a.size
	}
	for _, p := range b.Platforms {
		report := func(blocks bool, problem *cluster.Error) {
			findings = append(findings, Finding{Platform: p.String(), Blocks: blocks, Problem: problem})
		}
		for _, part := range []struct {
			*Archive
			images []Image
		}{{&p.Node.Archive, []Image{p.Node.Image}}, {&p.Labs.Archive, p.Labs.Images}} {
			found, err := part.Contents(ctx, func(done, _ int64) {
				if progress != nil {
					progress(before+done, total)
				}
			})
			before += part.size
			var problem *cluster.Error
			switch {
			case errors.As(err, &problem):
				report(true, problem)
			case err != nil:
				return findings, err
			default:
				p.compare(part.File, part.images, found, report)
			}
		}
		missing, extra := Differ(labs, p.Labs.References())
		if len(missing) > 0 {
			report(true, cluster.Fail("bundle-labs-missing", nil, "", "platform", p.String(), "images", strings.Join(missing, ", ")))
		}
		if len(extra) > 0 {
			report(false, cluster.Fail("bundle-labs-extra", nil, "", "platform", p.String(), "images", strings.Join(extra, ", ")))
		}
	}
	return findings, nil
}

// compare compares what an archive holds with the description.
func (p *Platform) compare(file string, listed []Image, found []Found, report func(bool, *cluster.Error)) {
	var has, wants []string
	for _, f := range found {
		has = append(has, f.References...)
	}
	for _, image := range listed {
		ref := Full(image.Reference)
		wants = append(wants, ref)
		i := slices.IndexFunc(found, func(f Found) bool { return slices.Contains(f.References, ref) })
		if i < 0 {
			report(true, cluster.Fail("bundle-lacks", nil, "", "file", file, "image", image.Reference))
			continue
		}
		f := found[i]
		if f.OS != "linux" || f.Arch != p.Arch {
			report(true, cluster.Fail("bundle-image-platform", nil, "",
				"file", file, "image", image.Reference, "want", p.String(), "got", f.OS+"/"+f.Arch))
		}
		if image.ID != "" && image.ID != f.ID {
			report(true, cluster.Fail("bundle-image-id", nil, "",
				"file", file, "image", image.Reference, "want", image.ID, "got", f.ID))
		}
		if f.Damaged != nil {
			report(true, cluster.Fail("bundle-layer", f.Damaged, "",
				"file", file, "image", image.Reference, "reason", f.Damaged.Error()))
		}
	}
	if _, unlisted := Differ(wants, has); len(unlisted) > 0 {
		report(false, cluster.Fail("bundle-unlisted", nil, "", "file", file, "images", strings.Join(unlisted, ", ")))
	}
}

// Differ returns the references of want that have lacks, and those of have
// that are not wanted, in whatever form they are written.
func Differ(want, have []string) (missing, extra []string) {
	minus := func(all, without []string) []string {
		var rest []string
		for _, ref := range all {
			if !slices.ContainsFunc(without, func(other string) bool { return Full(other) == Full(ref) }) {
				rest = append(rest, ref)
			}
		}
		return rest
	}
	return minus(want, have), minus(have, want)
}
