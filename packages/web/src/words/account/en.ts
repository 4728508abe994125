/** What the hub says of accounts and of the ways to sign in. */
export const accountWords = {
  tokensTab: 'Access tokens',
  passwordHint: 'At least 10 characters; a few words are easy to keep in mind',
  passwordChanged: 'The password is changed. All other browsers are signed out.',
  choosePassword: 'Choose your password',
  choosePasswordAbout: 'The one you signed in with was made for you, and is good for this alone.',
  sessions: 'Where you are signed in',
  browser: 'Browser',
  thisBrowser: 'this one',
  from: 'From',
  signedIn: 'Signed in',
  endSession: 'Sign out',
  disabled: 'Disabled',
  disable: 'Disable',
  enable: 'Enable',
  resetPassword: 'New password',
  resetPasswordTitle: (name: string) => `A new password for ${name}?`,
  resetPasswordAbout:
    'The old one ends, and all sessions with it. The new one is good for one sign-in, to choose another.',
  resetPasswordDone: 'Good for one sign-in; shown only now:',
  close: 'Close',
}
