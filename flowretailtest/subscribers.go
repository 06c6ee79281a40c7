package flowretailtest

import (
	"net/http"
	"slices"
	"strings"

	flowretail "github.com/flowretail/flowretail-go"
)

// subscriber is a subscription as the API shows it: with its user as it is now.
func (s *tenantState) subscriber(of subscription) flowretail.Subscriber {
	shown := of.Subscriber
	user := s.users.get(of.user)
	shown.TenantUser = flowretail.SubscriberUser{TenantUserUID: user.TenantUserUID, DisplayName: user.DisplayName, Email: user.Email}
	return shown
}

// subscribersIn returns the subscribers of the store that the path names.
func (c *call) subscribersIn() (*list[subscription], *refusal) {
	index, exists := c.state.store(c.values[1])
	if !exists {
		return nil, notFound("STORE")
	}
	return c.state.subscribersOf(index), nil
}

// subscriberIn finds the subscriber that the path names.
func (c *call) subscriberIn() (from *list[subscription], number int32, refused *refusal) {
	from, refused = c.subscribersIn()
	if refused != nil {
		return nil, 0, refused
	}
	number, exists := from.find(c.values[2])
	if !exists {
		return nil, 0, notFound("SUBSCRIBER")
	}
	return from, number, nil
}

func listSubscribers(f *Fake, c *call) (answer, *refusal) {
	subscribers, refused := c.subscribersIn()
	if refused != nil {
		return answer{}, refused
	}
	kind := c.query.Get("subscriptionType")
	if c.has("subscriptionType") && !slices.Contains(enums[subscriptionType], kind) {
		return answer{}, badRequest("INVALID_PARAMETER", "subscriptionType")
	}
	users := c.query["tenantUserUids"]
	kept := filter[subscription]{key: uncached}
	// The fields of the user may change without the list, so a result is not kept.
	if sortBy := c.query.Get("sortBy"); kind != "" || len(users) > 0 || sortBy == "displayName" || sortBy == "email" {
		numbers := map[int32]bool{}
		for _, userUID := range users {
			if number, exists := c.state.users.find(userUID); exists {
				numbers[number] = true
			}
		}
		kept.keep = func(_ int32, s *subscription) bool {
			return (kind == "" || kind == string(s.Subscription.Type)) && (len(users) == 0 || numbers[s.user])
		}
	}
	sortable := order[subscription]{
		"subscriptionType": func(s *subscription) string { return string(s.Subscription.Type) },
		"createdBy":        func(s *subscription) string { return strings.ToLower(s.CreatedBy) },
		"displayName":      func(s *subscription) string { return strings.ToLower(c.state.users.get(s.user).DisplayName) },
		"email":            func(s *subscription) string { return strings.ToLower(c.state.users.get(s.user).Email) },
	}
	return paginate(f, c, subscribers, sortable, kept, func(number int32) flowretail.Subscriber {
		return c.state.subscriber(subscribers.get(number))
	})
}

func createSubscriber(f *Fake, c *call) (answer, *refusal) {
	in, refused := decode[flowretail.SubscriberCreateRequest](c.body)
	if refused != nil {
		return answer{}, refused
	}
	subscribers, refused := c.subscribersIn()
	if refused != nil {
		return answer{}, refused
	}
	user, exists := c.state.users.find(in.TenantUserUID)
	if !exists {
		return answer{}, badRequest("UNKNOWN_REFERENCE", "tenantUserUid")
	}
	if _, exists := subscribers.find(in.SubscriberUID); exists {
		return answer{}, refuse(http.StatusConflict, "UID_EXISTS", "subscriberUid")
	}
	made := subscription{
		Subscriber: flowretail.Subscriber{
			SubscriberUID: in.SubscriberUID,
			Subscription:  salesSummary,
			CreatedAt:     subscribers.stamp(c.now),
			CreatedBy:     c.state.users.get(c.user).DisplayName,
		},
		user: user,
	}
	if made.SubscriberUID == "" {
		f.minted++
		made.SubscriberUID = uid(mix(f.config.seed, ofSubscriber), f.minted)
	}
	subscribers.add(made.SubscriberUID, made)
	return answer{status: http.StatusCreated, value: c.state.subscriber(made)}, nil
}

func getSubscriber(_ *Fake, c *call) (answer, *refusal) {
	subscribers, number, refused := c.subscriberIn()
	if refused != nil {
		return answer{}, refused
	}
	return ok(c.state.subscriber(subscribers.get(number))), nil
}

func deleteSubscriber(_ *Fake, c *call) (answer, *refusal) {
	subscribers, number, refused := c.subscriberIn()
	if refused != nil {
		return answer{}, refused
	}
	subscribers.remove(number, c.values[2])
	return noContent, nil
}
