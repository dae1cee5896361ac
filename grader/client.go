package grader

import "podlab/grader/probe"

// Client is the connection to a cluster that grading uses, made by
// probe.NewClient.
type Client = probe.Client
