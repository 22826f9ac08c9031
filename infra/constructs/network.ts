import {
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { Placement } from './bundled-function.ts';
import { IAM_PORT, type MskCluster } from './kafka-access.ts';
import { networkInterfaces } from './platform-access.ts';

const HTTPS = Port.tcp(443);

/** Which ways out of the VPC are made. Those that it has already must be switched off here. */
export interface EndpointsProps {
  /** Free of charge. @default true */
  readonly dynamodb?: boolean | undefined;
  /** Free of charge. @default true */
  readonly s3?: boolean | undefined;
  /**
   * For jobs that name a cluster by its ARN: their brokers are looked up. About 7 dollars per zone and month;
   * jobs that name brokers need none.
   *
   * @default true
   */
  readonly msk?: boolean | undefined;
  /** For SCRAM logins and client certificates; costs as much. @default whether there are secrets */
  readonly secretsManager?: boolean | undefined;
  /** @default where jobs may read schemas of AWS Glue, or load into its tables */
  readonly glue?: boolean | undefined;
  /** @default where jobs may load into table buckets */
  readonly s3tables?: boolean | undefined;
}

/**
 * The prefix lists of the region's gateway endpoints: `aws ec2 describe-managed-prefix-lists` shows them as
 * `com.amazonaws.<region>.dynamodb` and `.s3`.
 */
export interface PrefixLists {
  readonly dynamodb: string;
  readonly s3: string;
}

/** Where the functions that talk to Kafka live. */
export interface NetworkProps {
  readonly vpc: IVpc;
  /** @default the private subnets, or the isolated ones where there are no others */
  readonly vpcSubnets?: SubnetSelection | undefined;
  readonly endpoints?: EndpointsProps | undefined;
  /** Whether jobs may name secrets. */
  readonly hasSecrets: boolean;
  /** Whether jobs may read schemas of AWS Glue, or load into its tables. */
  readonly hasGlue: boolean;
  /** Whether jobs may load into tables of S3 Tables. */
  readonly hasTableBuckets: boolean;
  readonly prefixLists?: PrefixLists | undefined;
}

/**
 * The functions' side of the network: a security group that goes out to the brokers, to the endpoints and to
 * what `connections.allowTo` adds, and nowhere else.
 */
export class Network extends Construct {
  readonly functions: SecurityGroup;
  /** What a function needs to be put here. */
  readonly placement: Placement;
  readonly #vpc: IVpc;
  readonly #subnets: SubnetSelection;
  #interfaces: SecurityGroup | undefined;

  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id);
    const { vpc, endpoints = {}, hasSecrets, hasGlue, hasTableBuckets } = props;
    const { dynamodb = true, s3 = true, msk = true, secretsManager = hasSecrets } = endpoints;
    const { glue = hasGlue, s3tables = hasTableBuckets } = endpoints;
    this.#vpc = vpc;
    this.#subnets = props.vpcSubnets ?? privateSubnets(vpc);
    this.functions = new SecurityGroup(this, 'Functions', {
      vpc,
      description: 'Routine Load: scheduler and loaders',
      allowAllOutbound: false,
    });
    this.placement = {
      vpc,
      vpcSubnets: this.#subnets,
      securityGroups: [this.functions],
      networkInterfaces: networkInterfaces(this, 'Interfaces'),
    };
    if (dynamodb) this.#gateway('DynamoDb', GatewayVpcEndpointAwsService.DYNAMODB);
    if (s3) this.#gateway('S3', GatewayVpcEndpointAwsService.S3);
    if (msk) this.#interface('Msk', InterfaceVpcEndpointAwsService.KAFKA);
    if (secretsManager) {
      this.#interface('SecretsManager', InterfaceVpcEndpointAwsService.SECRETS_MANAGER);
    }
    if (glue) this.#interface('Glue', InterfaceVpcEndpointAwsService.GLUE);
    if (s3tables) this.#interface('S3Tables', InterfaceVpcEndpointAwsService.S3_TABLES);
    this.#allowGateways(props.prefixLists);
  }

  /** Opens the way to a cluster's brokers, on both sides. */
  allowCluster({ securityGroups, ports = [IAM_PORT] }: MskCluster): void {
    for (const group of securityGroups) {
      for (const port of ports) {
        this.functions.connections.allowTo(group, Port.tcp(port), 'Kafka brokers');
      }
    }
  }

  /** Gateway endpoints are reached at public addresses, which only the region's prefix lists can tell apart. */
  #allowGateways(lists: PrefixLists | undefined): void {
    if (lists === undefined) {
      this.functions.addEgressRule(Peer.anyIpv4(), HTTPS, 'AWS endpoints: no prefix lists given');
      return;
    }
    this.functions.addEgressRule(Peer.prefixList(lists.dynamodb), HTTPS, 'DynamoDB');
    this.functions.addEgressRule(Peer.prefixList(lists.s3), HTTPS, 'S3');
  }

  #gateway(id: string, service: GatewayVpcEndpointAwsService): void {
    this.#vpc.addGatewayEndpoint(`${this.node.id}${id}`, { service, subnets: [this.#subnets] });
  }

  #interface(id: string, service: InterfaceVpcEndpointAwsService): void {
    this.#interfaces ??= new SecurityGroup(this, 'Endpoints', {
      vpc: this.#vpc,
      description: 'Routine Load: interface endpoints',
      allowAllOutbound: false,
    });
    this.functions.connections.allowTo(this.#interfaces, HTTPS, 'interface endpoints');
    this.#vpc.addInterfaceEndpoint(`${this.node.id}${id}`, {
      service,
      subnets: this.#subnets,
      securityGroups: [this.#interfaces],
      open: false,
    });
  }
}

function privateSubnets({ privateSubnets: withNat, isolatedSubnets }: IVpc): SubnetSelection {
  return { subnets: withNat.length > 0 ? withNat : isolatedSubnets };
}
