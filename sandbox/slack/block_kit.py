"""Block Kit as Slack documents it: the blocks and elements in common use, with their limits.

Limits are those of docs.slack.dev/reference/block-kit. Kinds that are known but not described here are let through
as they are (`OtherBlock`, `OtherElement`).
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

LONGEST_OPTION = 75

Id = Annotated[str, StringConstraints(max_length=255)]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PlainText(Part):
    type: Literal["plain_text"]
    text: str = Field(min_length=1, max_length=3000)
    emoji: bool | None = None


class Mrkdwn(Part):
    type: Literal["mrkdwn"]
    text: str = Field(min_length=1, max_length=3000)
    verbatim: bool | None = None


class ShortPlain(PlainText):
    """Titles and buttons of a modal."""

    text: str = Field(min_length=1, max_length=24)


class ButtonPlain(PlainText):
    """Buttons and options."""

    text: str = Field(min_length=1, max_length=75)


class HeaderPlain(PlainText):
    text: str = Field(min_length=1, max_length=150)


class LabelPlain(PlainText):
    text: str = Field(min_length=1, max_length=2000)


class FieldPlain(LabelPlain):
    pass


class FieldMrkdwn(Mrkdwn):
    text: str = Field(min_length=1, max_length=2000)


Text = Annotated[PlainText | Mrkdwn, Field(discriminator="type")]
FieldText = Annotated[FieldPlain | FieldMrkdwn, Field(discriminator="type")]


class Option(Part):
    text: Text
    value: str = Field(max_length=150)
    description: Text | None = None


class Confirm(Part):
    title: PlainText
    text: Text
    confirm: PlainText
    deny: PlainText
    style: Literal["primary", "danger"] | None = None


class Button(Part):
    type: Literal["button"]
    text: ButtonPlain
    action_id: Id | None = None
    value: str | None = Field(default=None, max_length=2000)
    url: str | None = Field(default=None, max_length=3000)
    style: Literal["primary", "danger"] | None = None
    confirm: Confirm | None = None
    accessibility_label: str | None = Field(default=None, max_length=75)


class PlainTextInput(Part):
    type: Literal["plain_text_input"]
    action_id: Id | None = None
    initial_value: str | None = Field(default=None, max_length=3000)
    multiline: bool | None = None
    min_length: int | None = Field(default=None, ge=0, le=3000)
    max_length: int | None = Field(default=None, ge=1, le=3000)
    placeholder: PlainText | None = None
    focus_on_load: bool | None = None

    @model_validator(mode="after")
    def _first_value_fits(self) -> Self:
        first = len(self.initial_value or "")
        if first > (self.max_length or first) or 0 < first < (self.min_length or 0):
            raise ValueError("initial_value is not within min_length and max_length")
        return self


class NumberInput(Part):
    type: Literal["number_input"]
    is_decimal_allowed: bool
    action_id: Id | None = None
    initial_value: str | None = None
    min_value: str | None = None
    max_value: str | None = None
    placeholder: PlainText | None = None
    focus_on_load: bool | None = None


class AddressInput(Part):
    type: Literal["email_text_input", "url_text_input"]
    action_id: Id | None = None
    initial_value: str | None = None
    placeholder: PlainText | None = None
    focus_on_load: bool | None = None


class Choosing(Part):
    """Slack wants the first choice to be one of the options, to the letter, and an option's text to be short."""

    options: list[Option] = Field(min_length=1, max_length=100)
    action_id: Id | None = None
    initial_option: Option | None = None
    focus_on_load: bool | None = None

    @model_validator(mode="after")
    def _offers(self) -> Self:
        if self.initial_option is not None and self.initial_option not in self.options:
            raise ValueError("initial_option is not among the options")
        if any(len(option.text.text) > LONGEST_OPTION for option in self.options):
            raise ValueError(f"an option's text must be less than {LONGEST_OPTION + 1} characters")
        return self


class StaticSelect(Choosing):
    type: Literal["static_select"]
    placeholder: PlainText | None = None
    confirm: Confirm | None = None


class RadioButtons(Choosing):
    type: Literal["radio_buttons"]
    options: list[Option] = Field(min_length=1, max_length=10)


class DatePicker(Part):
    type: Literal["datepicker"]
    action_id: Id | None = None
    initial_date: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")
    placeholder: PlainText | None = None
    focus_on_load: bool | None = None


class ImageElement(Part):
    type: Literal["image"]
    alt_text: str = Field(max_length=2000)
    image_url: str = Field(max_length=3000)


class OtherElement(Part):
    model_config = ConfigDict(extra="allow")

    type: Literal[
        "checkboxes", "overflow", "timepicker", "datetimepicker", "rich_text_input",
        "file_input", "users_select", "conversations_select", "channels_select",
        "external_select", "multi_static_select", "multi_users_select", "multi_conversations_select",
        "multi_channels_select", "multi_external_select", "workflow_button",
    ]  # fmt: skip


Inputs = PlainTextInput | NumberInput | AddressInput | StaticSelect | RadioButtons | DatePicker | OtherElement
InputElement = Annotated[Inputs, Field(discriminator="type")]
ActionElement = Annotated[Button | StaticSelect | RadioButtons | DatePicker | OtherElement, Field(discriminator="type")]
Accessory = Annotated[
    Button | StaticSelect | RadioButtons | DatePicker | ImageElement | OtherElement, Field(discriminator="type")
]
ContextElement = Annotated[PlainText | Mrkdwn | ImageElement, Field(discriminator="type")]


class Block(Part):
    block_id: Id | None = None


class Section(Block):
    type: Literal["section"]
    text: Text | None = None
    fields: list[FieldText] | None = Field(default=None, min_length=1, max_length=10)
    accessory: Accessory | None = None
    expand: bool | None = None


class Header(Block):
    type: Literal["header"]
    text: HeaderPlain


class Divider(Block):
    type: Literal["divider"]


class Context(Block):
    type: Literal["context"]
    elements: list[ContextElement] = Field(min_length=1, max_length=10)


class Actions(Block):
    type: Literal["actions"]
    elements: list[ActionElement] = Field(min_length=1, max_length=25)


class Image(Block):
    type: Literal["image"]
    alt_text: str = Field(max_length=2000)
    image_url: str | None = Field(default=None, max_length=3000)
    slack_file: dict[str, str] | None = None
    title: PlainText | None = None


class Input(Block):
    type: Literal["input"]
    label: LabelPlain
    element: InputElement
    hint: LabelPlain | None = None
    optional: bool | None = None
    dispatch_action: bool | None = None


class Markdown(Block):
    type: Literal["markdown"]
    text: str = Field(max_length=12000)


class OtherBlock(Block):
    model_config = ConfigDict(extra="allow")

    type: Literal["rich_text", "video", "file", "table", "context_actions"]


AnyBlock = Annotated[
    Section | Header | Divider | Context | Actions | Image | Input | Markdown | OtherBlock,
    Field(discriminator="type"),
]


class Message(BaseModel):
    blocks: list[AnyBlock] = Field(max_length=50)


class Modal(Part):
    type: Literal["modal"]
    title: ShortPlain
    blocks: list[AnyBlock] = Field(max_length=100)
    submit: ShortPlain | None = None
    close: ShortPlain | None = None
    private_metadata: str | None = Field(default=None, max_length=3000)
    callback_id: Id | None = None
    external_id: Id | None = None
    clear_on_close: bool | None = None
    notify_on_close: bool | None = None
    submit_disabled: bool | None = None


class Home(Part):
    type: Literal["home"]
    blocks: list[AnyBlock] = Field(max_length=100)
    private_metadata: str | None = Field(default=None, max_length=3000)
    callback_id: Id | None = None
    external_id: Id | None = None


class View(BaseModel):
    view: Annotated[Modal | Home, Field(discriminator="type")]
