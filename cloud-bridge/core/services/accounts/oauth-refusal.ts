/** What a program is told when it gets no token: the words of RFC 6749 section 5.2 and RFC 8628 section 3.5. */
export type OauthRefusal =
  | 'invalid_request'
  | 'invalid_grant'
  | 'invalid_scope'
  | 'unsupported_grant_type'
  | 'authorization_pending'
  | 'slow_down'
  | 'access_denied'
  | 'expired_token'
  | 'temporarily_unavailable';
