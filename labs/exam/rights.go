package exam

import rbacv1 "k8s.io/api/rbac/v1"

// Right is a request that an exam makes beside those of its labs.
type Right struct {
	Verb, Group, Resource, Subresource, Namespace string
}

// Rights returns what it takes to give a candidate rights and to end them. Whoever
// binds the ClusterRole edit must also hold the rights of it, or the verb bind.
func Rights() []Right {
	task := Prefix + "task" // the namespaces of tasks differ only in name
	return []Right{
		{Verb: "create", Resource: "serviceaccounts", Namespace: roomNamespace},
		{Verb: "get", Resource: "serviceaccounts", Namespace: roomNamespace},
		{Verb: "delete", Resource: "serviceaccounts", Namespace: roomNamespace},
		{Verb: "create", Resource: "serviceaccounts", Subresource: "token", Namespace: roomNamespace},
		{Verb: "create", Group: rbacv1.GroupName, Resource: "roles", Namespace: task},
		{Verb: "create", Group: rbacv1.GroupName, Resource: "rolebindings", Namespace: task},
		{Verb: "list", Group: rbacv1.GroupName, Resource: "rolebindings", Namespace: task},
		{Verb: "delete", Group: rbacv1.GroupName, Resource: "rolebindings", Namespace: task},
	}
}
