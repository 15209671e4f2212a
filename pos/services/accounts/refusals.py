"""Why an account, a slate or a voucher does not pay, and what to do."""

from pos.errors import Refusal
from pos.i18n import N_


class NoSuchAccount(Refusal):
    """No account of this person."""

    sentence = N_("This person has no account here.")
    remedy = N_("Accounts, New account: a name is enough.")


class NotEnoughOnAccount(Refusal):
    """A prepaid account is never negative."""

    sentence = N_("%(left)s are left on the account: %(amount)s cannot be paid with it.")
    remedy = N_("Take %(left)s from the account and the rest another way, or top it up first.")


class NotByAccount(Refusal):
    """Money paid ahead is not bought with money paid ahead."""

    sentence = N_("An account, a slate or a voucher does not pay for money paid ahead or paid back.")
    remedy = N_("Take this part in cash or by card.")


class NoSlate(Refusal):
    """The café agreed no slate for this person."""

    sentence = N_("No slate was agreed with this person.")
    remedy = N_("Take the payment another way. A slate is agreed on the person’s account.")


class AlcoholOnSlate(Refusal):
    """Alcohol on credit is forbidden (public health code L3322-9)."""

    sentence = N_("Alcohol is never put on the slate: %(most)s of this bill may be.")
    remedy = N_("Take the alcohol in cash or by card, the rest on the slate.")


class SlateTooHigh(Refusal):
    """A person's ceiling."""

    sentence = N_("The slate would be %(would)s: the ceiling is %(ceiling)s.")
    remedy = N_("Ask for a payment on the slate first, or take this bill another way.")


class SlatesTooHigh(Refusal):
    """The café's ceiling over all slates."""

    sentence = N_("All slates together would be %(would)s: the café stops at %(ceiling)s.")
    remedy = N_("Have the oldest slates paid back first.")


class TooMuchPaidBack(Refusal):
    """Not more than what is owed."""

    sentence = N_("The slate is %(owed)s: %(amount)s would be too much.")
    remedy = N_("Take %(owed)s at most; what is beyond may top up the prepaid account.")


class SlateAlreadyPaid(Refusal):
    """A refund on a slate that was paid since."""

    sentence = N_("This slate was paid back since: there is nothing to take off it.")
    remedy = N_("Give the money back in cash, with the manager.")


class AlreadySpent(Refusal):
    """Money paid ahead cannot be given back twice."""

    sentence = N_("Part of it was spent since: %(left)s are left.")
    remedy = N_("Give back what is left: on the account, Pay out.")


class FundTooLow(Refusal):
    """The fund of suspended coffees."""

    sentence = N_("The fund holds %(left)s: %(amount)s cannot be paid with it.")
    remedy = N_("Take the payment another way.")


class NoSuchVoucher(Refusal):
    """The code is unknown, or the voucher was never paid."""

    sentence = N_("No gift voucher bears the code %(code)s.")
    remedy = N_("Scan it again, or type the letters under the square.")


class VoucherExpired(Refusal):
    """Past its date."""

    sentence = N_("This voucher ended on %(until)s.")
    remedy = N_("The manager may extend it: Accounts, Vouchers.")


class VoucherEmpty(Refusal):
    """Less is left on it."""

    sentence = N_("%(left)s are left on this voucher: %(amount)s cannot be paid with it.")
    remedy = N_("Take %(left)s from the voucher, the rest another way.")


class NoLocalCurrency(Refusal):
    """The café takes none."""

    sentence = N_("This café takes no local currency.")
    remedy = N_("To take one: Accounts, Settings.")


class NoChangeInEuros(Refusal):
    """Local notes are exchanged by their issuer only."""

    sentence = N_("No change in euros on local notes: %(due)s are due.")
    remedy = N_("Take notes up to %(due)s, the rest in euros.")


class NotInTheBox(Refusal):
    """More local notes than the box holds."""

    sentence = N_("The box holds %(held)s of local notes.")
    remedy = N_("Count the notes and type what really leaves.")


class BadAmount(Refusal):
    """An amount that cannot be."""

    sentence = N_("This amount cannot be: %(amount)s.")
    remedy = N_("Type an amount above zero, at most %(most)s.")


class BadLimits(Refusal):
    """Settings that contradict one another."""

    sentence = N_("These settings do not fit together.")
    remedy = N_("Ceilings and days are not negative; one person’s ceiling is at most the café’s.")


class ReasonNeeded(Refusal):
    """A write-off says why."""

    sentence = N_("Say why the slate is given up.")
    remedy = N_("Choose a reason.")


class AccountNotEmpty(Refusal):
    """Money is still on it."""

    sentence = N_("Something is still on this account: prepaid %(prepaid)s, slate %(slate)s.")
    remedy = N_("Pay out or have it paid back first.")


class AccountOnABill(Refusal):
    """Money on its way to or from it would find a closed account."""

    sentence = N_("This account is on a bill that is not paid yet.")
    remedy = N_("Take the bill’s payment, or take that line off it; then close the account.")


class WhoseIsIt(Refusal):
    """Money paid ahead must say whose it is."""

    sentence = N_("Money paid ahead is on this bill, and nobody said whose it is.")
    remedy = N_("Take the line off, then do it again from Accounts.")
