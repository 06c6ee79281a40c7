package flowretailtest

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// An apiError leads to a response outside 2xx. Its detail is the name of a field,
// a parameter or the like, and never a value, which may be a secret.
type apiError struct {
	status int
	code   string
	detail string
}

func (e *apiError) Error() string { return fmt.Sprintf("%d %s %s", e.status, e.code, e.detail) }

func newError(status int, code string, detail ...string) error {
	return &apiError{status, code, strings.Join(detail, "")}
}

func badRequest(code string, detail ...string) error {
	return newError(http.StatusBadRequest, code, detail...)
}

func conflict(code string, detail ...string) error {
	return newError(http.StatusConflict, code, detail...)
}

// notFound is for something that the path or the body names.
func notFound(what string) error { return newError(http.StatusNotFound, what+"_NOT_FOUND") }

// messages has the message of each code in English and in Norwegian. %s stands
// for the detail.
var messages = map[string]struct{ english, norwegian string }{
	"UNKNOWN_ROUTE":        {"There is no such path.", "Stien finnes ikke."},
	"METHOD_NOT_ALLOWED":   {"The path does not take this method.", "Stien støtter ikke denne metoden."},
	"NOT_ACCEPTABLE":       {"The response is application/json, which the request does not accept.", "Svaret er application/json, som forespørselen ikke godtar."},
	"TOKEN_MISSING":        {"The request has no token.", "Forespørselen mangler token."},
	"TOKEN_INVALID":        {"The token is unknown or revoked.", "Tokenet er ukjent eller trukket tilbake."},
	"TOKEN_EXPIRED":        {"The token has expired.", "Tokenet er utløpt."},
	"TOKEN_NOT_EXPECTED":   {"The operation takes no token.", "Operasjonen tar ikke imot token."},
	"WRONG_TOKEN":          {"The operation takes another kind of token: %s.", "Operasjonen krever en annen type token: %s."},
	"WRONG_LOGIN":          {"The user code or the password is wrong.", "Brukerkoden eller passordet er feil."},
	"NO_TENANT_ACCESS":     {"The token has no access to the tenant.", "Tokenet har ikke tilgang til denne kunden."},
	"PERMISSION_MISSING":   {"The user lacks the permission %s.", "Brukeren mangler tilgangen %s."},
	"USER_NOT_ACTIVE":      {"The user is not active.", "Brukeren er ikke aktiv."},
	"INVALID_UID":          {"%s is not a UID.", "%s er ikke en UID."},
	"UNKNOWN_PARAMETER":    {"There is no query parameter %s.", "Parameteren %s finnes ikke."},
	"REPEATED_PARAMETER":   {"The query parameter %s is repeated.", "Parameteren %s er oppgitt flere ganger."},
	"INVALID_PARAMETER":    {"The query parameter %s has an invalid value.", "Parameteren %s har en ugyldig verdi."},
	"INVALID_HEADER":       {"The header %s is missing or not allowed here.", "Headeren %s mangler, eller skal ikke være der."},
	"INVALID_CONTENT_TYPE": {"The body must be application/json.", "Innholdet må være application/json."},
	"BODY_NOT_EXPECTED":    {"The operation takes no body.", "Operasjonen tar ikke imot innhold."},
	"BODY_TOO_LARGE":       {"The body is too large.", "Innholdet er for stort."},
	"MALFORMED_JSON":       {"The body is not one JSON object.", "Innholdet er ikke ett JSON-objekt."},
	"UNKNOWN_FIELD":        {"There is no field %s.", "Feltet %s finnes ikke."},
	"REPEATED_FIELD":       {"The field %s is repeated.", "Feltet %s er oppgitt to ganger."},
	"FIELD_REQUIRED":       {"The field %s is required.", "Feltet %s er påkrevd."},
	"WRONG_TYPE":           {"The field %s has the wrong type.", "Feltet %s har feil type."},
	"UNKNOWN_VALUE":        {"The field %s has an invalid value.", "Feltet %s har en ugyldig verdi."},
	"UNKNOWN_REFERENCE":    {"%s refers to something that does not exist.", "%s viser til noe som ikke finnes."},
	"TENANT_NOT_FOUND":     {"The tenant does not exist.", "Kunden finnes ikke."},
	"USER_NOT_FOUND":       {"The user does not exist.", "Brukeren finnes ikke."},
	"STORE_NOT_FOUND":      {"The store does not exist.", "Butikken finnes ikke."},
	"SUBSCRIBER_NOT_FOUND": {"The subscriber does not exist.", "Abonnenten finnes ikke."},
	"USER_TOKEN_NOT_FOUND": {"The integration token does not exist.", "Integrasjonstokenet finnes ikke."},
	"INVITE_NOT_FOUND":     {"The invitation does not exist.", "Invitasjonen finnes ikke."},
	"INVITE_ACCEPTED":      {"The invitation was accepted before.", "Invitasjonen er allerede akseptert."},
	"UID_EXISTS":           {"%s already exists.", "%s finnes allerede."},
	"NOT_AN_INTEGRATION":   {"Only a user of account type INTEGRATION has integration tokens.", "Bare brukere av kontotypen INTEGRATION har integrasjonstoken."},
	"TOO_MANY_REQUESTS":    {"Too many requests.", "For mange forespørsler."},
	"INTERNAL_ERROR":       {"Something went wrong.", "Noe gikk galt."},
	"SERVICE_UNAVAILABLE":  {"The service is not available.", "Tjenesten er ikke tilgjengelig."},
	"REFUSED":              {"The request was refused.", "Forespørselen ble avvist."},
}

// An errorBody is the body of a response outside 2xx.
type errorBody struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	LogID   string `json:"logId"`
}

// errorResponse returns the response to a call that failed with err.
func (f *Fake) errorResponse(c *call, err error) *response {
	failure, ok := errors.AsType[*apiError](err)
	if !ok {
		panic(fmt.Sprintf("flowretailtest: a handler returned %T", err))
	}
	userLanguage := ""
	if c.user != nil {
		userLanguage = c.user.LanguageCode
	}
	message := messages[failure.code].english
	if language(c.header.Get("Accept-Language"), userLanguage) == norwegian {
		message = messages[failure.code].norwegian
	}
	if strings.Contains(message, "%s") {
		message = fmt.Sprintf(message, failure.detail)
	}
	res := &response{failure.status, http.Header{}, errorBody{failure.code, message, f.newUID()}}
	switch failure.status {
	case http.StatusUnauthorized:
		res.header.Set("Www-Authenticate", "Bearer")
	case http.StatusMethodNotAllowed:
		res.header.Set("Allow", strings.Join(c.allowed, ", "))
	}
	return res
}

const (
	english   = "en"
	norwegian = "nb"
)

// language returns the language of a message: the one that the Accept-Language
// header prefers, or else the user's, or else English.
func language(header, ofUser string) string {
	best, weight := "", 0.0
	for part := range strings.SplitSeq(header, ",") {
		tag, parameter, _ := strings.Cut(part, ";")
		quality := 1.0
		if value, ok := strings.CutPrefix(strings.TrimSpace(parameter), "q="); ok {
			quality, _ = strconv.ParseFloat(value, 64) // 0 for an invalid number
		}
		if known := messageLanguage(tag); known != "" && quality > weight {
			best, weight = known, quality
		}
	}
	return cmp.Or(best, messageLanguage(ofUser), english)
}

// messageLanguage returns the language of a tag, or "" when there are no messages in it.
func messageLanguage(tag string) string {
	primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
	switch primary {
	case "en":
		return english
	case "nb", "nn", "no":
		return norwegian
	}
	return ""
}
